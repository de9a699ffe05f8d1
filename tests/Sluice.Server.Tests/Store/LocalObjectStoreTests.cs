using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Store;
using Xunit;

namespace Sluice.Server.Tests.Store;

/// <summary>The contract over local disk, and what only a disk has.</summary>
public sealed class LocalObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;

    public LocalObjectStoreTests() => Store = new LocalObjectStore(_folder, 0);

    private protected override IObjectStore Store { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("../escape")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("UPPER")]
    [InlineData("")]
    [InlineData("nul\0")]
    public async Task No_name_leaves_its_folder(string name)
    {
        var id = await CommitAsync("x");
        await using var stage = Store.Stage(AssetId.New());
        Should.Throw<ArgumentException>(() => stage.PathOf(name));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.OpenAsync(new ObjectKey(id, name), default));
    }

    [Fact]
    public async Task The_empty_asset_has_no_folder() =>
        await Should.ThrowAsync<ArgumentException>(async () => await Store.DeleteAsync(default, default));

    [Fact]
    public async Task A_link_is_not_followed()
    {
        var secret = Path.Combine(_folder, "secret.txt");
        await File.WriteAllTextAsync(secret, "secret");
        var id = await CommitAsync("x");
        File.CreateSymbolicLink(Path.Combine(_folder, "media", id.Value, "v0.idx"), secret);
        var other = AssetId.New();
        Directory.CreateSymbolicLink(Path.Combine(_folder, "media", other.Value), Path.Combine(_folder, "media", id.Value));

        (await Store.OpenAsync(ObjectKey.Index(id, "v0"), default)).ShouldBeNull();
        (await Store.OpenAsync(ObjectKey.Source(other), default)).ShouldBeNull();
    }

    [Fact]
    public void What_is_open_says_when_it_was_written_whatever_has_taken_its_place()
    {
        var path = Path.Combine(_folder, "replaced");
        var written = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        File.WriteAllText(path, "before");
        File.SetLastWriteTimeUtc(path, written);
        using var reader = new LocalObjectReader(path);
        File.WriteAllText(path + ".new", "after");
        File.Move(path + ".new", path, overwrite: true);

        reader.WrittenAt.ShouldBe(written);
        File.GetLastWriteTimeUtc(path).ShouldNotBe(written);
    }

    [Fact]
    public void The_reserve_is_not_free() =>
        new LocalObjectStore(_folder, long.MaxValue / 2).FreeBytes.ShouldBe(0);
}
