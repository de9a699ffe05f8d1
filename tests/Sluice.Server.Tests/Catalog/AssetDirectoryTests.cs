using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

public sealed class AssetDirectoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;
    private readonly SqliteCatalog _catalog;
    private readonly AssetDirectory _directory;

    public AssetDirectoryTests()
    {
        _catalog = new SqliteCatalog(Path.Combine(_folder, "catalog.db"));
        _directory = new AssetDirectory(_catalog);
    }

    public void Dispose()
    {
        _catalog.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_added_asset_needs_no_second_look()
    {
        var asset = await AddAsync();
        _directory.TryGet(asset.Id, out var found).ShouldBeTrue();
        found.ShouldBe(asset);
    }

    [Fact]
    public async Task A_change_is_seen_by_the_next_look()
    {
        var asset = await AddAsync();
        await _directory.UpdateAsync(asset.Id, old => old with { Epoch = 5 }, default);
        (await _directory.FindAsync(asset.Id, default))!.Epoch.ShouldBe(5);
    }

    [Fact]
    public async Task A_change_of_state_or_revision_is_told_and_so_is_the_end()
    {
        var asset = await AddAsync();
        var told = new List<(AssetId, AssetState?, int?)>();
        _directory.Changed += (id, now) => told.Add((id, now?.State, now?.Revision));

        await _directory.UpdateAsync(asset.Id, old => old with { Title = "new" }, default);
        await _directory.UpdateAsync(asset.Id, old => old with { State = AssetState.Failed }, default);
        await _directory.UpdateAsync(asset.Id, old => old with { Revision = old.Revision + 1 }, default);
        await _directory.UpdateAsync(AssetId.New(), old => old with { Revision = 9 }, default);
        await _directory.RemoveAsync(asset.Id, default);
        await _directory.RemoveAsync(asset.Id, default);

        told.ShouldBe([(asset.Id, AssetState.Failed, 0), (asset.Id, AssetState.Failed, 1), (asset.Id, null, null)]);
    }

    [Fact]
    public async Task A_removed_asset_is_gone()
    {
        var asset = await AddAsync();
        await _directory.RemoveAsync(asset.Id, default);
        _directory.TryGet(asset.Id, out _).ShouldBeFalse();
        (await _directory.FindAsync(asset.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_is_remembered_of_an_unknown_id()
    {
        await _catalog.MigrateAsync(default);
        var id = AssetId.New();
        (await _directory.FindAsync(id, default)).ShouldBeNull();
        _directory.TryGet(id, out _).ShouldBeFalse();
    }

    private async Task<Asset> AddAsync()
    {
        await _catalog.MigrateAsync(default);
        var asset = CatalogContract.Sample(DateTimeOffset.UnixEpoch);
        await _directory.AddAsync(asset, default);
        return asset;
    }
}
