using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Nodes;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Store.S3;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Two servers with one bucket: what one does to it, the other finds when the catalog tells of it.</summary>
[Collection(nameof(Swift))]
public sealed class SharedStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-test-");
    private readonly Swift _swift;
    private readonly S3Options _s3;
    private readonly S3ObjectStore _one;
    private readonly S3ObjectStore _two;

    public SharedStoreTests(Swift swift)
    {
        (_swift, _s3) = (swift, swift.Options());
        (_one, _two) = (Open("one"), Open("two"));
    }

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_the_other_replaced_or_added_is_found_with_the_next_revision()
    {
        var asset = await CommitAsync(_one, ("source", "film"), ("v0.idx", "before"));
        (await TextAsync(_two, ObjectKey.Index(asset, "v0"))).ShouldBe("before");
        (await TextAsync(_two, ObjectKey.Gathered(asset, "v0"))).ShouldBeNull();

        await PutAsync(_one, ObjectKey.Gathered(asset, "v0"), "payload");
        await PutAsync(_one, ObjectKey.Index(asset, "v0"), "after it");

        _two.Doubt(asset, 7);
        (await TextAsync(_two, ObjectKey.Index(asset, "v0"))).ShouldBe("after it");
        (await TextAsync(_two, ObjectKey.Gathered(asset, "v0"))).ShouldBe("payload");

        await PutAsync(_one, ObjectKey.Index(asset, "v0"), "once more");
        _two.Doubt(asset, 7);
        (await TextAsync(_two, ObjectKey.Index(asset, "v0"))).ShouldBe("after it", "of that revision it was looked up; what is kept of it here is still good");
        _two.Doubt(asset, null);
        (await TextAsync(_two, ObjectKey.Index(asset, "v0"))).ShouldBe("once more", "a task looks whatever the revision is");
    }

    [Fact]
    public async Task A_chunk_of_the_other_is_there_as_soon_as_it_is_published()
    {
        var asset = await CommitAsync(_one, ("source", "film"));
        (await TextAsync(_two, ObjectKey.Chunk(asset, "v0", 1, 5))).ShouldBeNull();
        await PutAsync(_one, ObjectKey.Chunk(asset, "v0", 1, 5), "chunk");
        (await TextAsync(_two, ObjectKey.Chunk(asset, "v0", 1, 5))).ShouldBe("chunk");
    }

    [Fact]
    public async Task A_server_that_was_killed_clears_up_what_it_was_at_and_nothing_of_the_other()
    {
        var (mine, others) = (await CommitAsync(_one, ("source", "mine")), await CommitAsync(_two, ("source", "others")));

        using var again = Open("one");
        (await again.LeftAsync(default)).ShouldBe([mine]);
        await again.DeleteAsync(mine, default);
        (await again.LeftAsync(default)).ShouldBeEmpty();

        using var third = Open("three");
        (await third.LeftAsync(default)).ShouldBeEmpty();
        (await third.IsUnconfirmedAsync(mine, default)).ShouldBeFalse();
        (await third.IsUnconfirmedAsync(others, default)).ShouldBeTrue();
        (await TextAsync(third, ObjectKey.Source(others))).ShouldBe("others");

        using var tomorrow = Open("three", new Ahead(TimeSpan.FromHours(25)));
        (await tomorrow.LeftAsync(default)).ShouldBe([others], "whose server did not come back");
    }

    [Fact]
    public async Task A_server_that_starts_beside_others_settles_what_it_left_by_the_catalog()
    {
        var (published, unfinished) = (await CommitAsync(_one, ("source", "published")), await CommitAsync(_one, ("source", "unfinished")));
        var others = await CommitAsync(_two, ("source", "others"));
        using var catalog = await NewCatalogAsync();
        await catalog.AddAsync(CatalogContract.Sample(DateTimeOffset.UtcNow) with { Id = published }, [], default);

        using var again = Open("one");
        await StartAsync(catalog, again);

        using var third = Open("three");
        (await third.IsUnconfirmedAsync(published, default)).ShouldBeFalse();
        (await TextAsync(third, ObjectKey.Source(published))).ShouldBe("published");
        (await TextAsync(third, ObjectKey.Source(unfinished))).ShouldBeNull();
        (await third.IsUnconfirmedAsync(others, default)).ShouldBeTrue("it is another's");
    }

    [Fact]
    public async Task What_another_makes_anew_of_what_a_killed_server_was_at_is_left_to_it()
    {
        using var catalog = await NewCatalogAsync();
        var asset = await CommitAsync(_one, ("source", "begun"), ("v0.idx", "begun"));
        await UncommitAsync(asset); // It was killed before it came to an end.
        await CommitAsync(_two, asset, ("source", "made"));

        using var again = Open("one");
        await StartAsync(catalog, again);

        using var third = Open("three");
        (await TextAsync(third, ObjectKey.Source(asset))).ShouldBe("made");
        (await third.IsUnconfirmedAsync(asset, default)).ShouldBeTrue("it has no row yet");
        using var later = Open("one");
        (await later.LeftAsync(default)).ShouldBeEmpty();

        // The other one is killed, too: it clears up itself.
        using var two = Open("two");
        await StartAsync(catalog, two, "two");
        (await _swift.NamesAsync(_s3.Prefix)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_another_is_about_to_make_anew_is_cleared_up_by_a_later_start()
    {
        using var catalog = await NewCatalogAsync();
        var asset = await CommitAsync(_one, ("source", "begun"));
        var turn = await TurnsOf(catalog, _two, "two").TakeAsync(asset, default);

        using var again = Open("one");
        await StartAsync(catalog, again);
        using (var third = Open("three"))
        {
            (await TextAsync(third, ObjectKey.Source(asset))).ShouldBe("begun");
        }

        await turn.ShouldNotBeNull().DisposeAsync();
        using var later = Open("one");
        await StartAsync(catalog, later);
        (await _swift.NamesAsync(_s3.Prefix)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mark_that_was_left_is_given_anew()
    {
        var asset = await CommitAsync(_one, ("source", "begun"));
        using var again = Open("one");
        (await again.LeftAsync(default)).ShouldBe([asset]);
        using var bucket = S3Setup.BucketOf(_s3, Swift.Connector, TimeProvider.System);
        var mark = (await _swift.NamesAsync(_s3.Prefix + "pending/")).ShouldHaveSingleItem();
        await bucket.RemoveAsync(mark, default);

        await again.UnconfirmAsync(asset, default);
        (await _swift.NamesAsync(_s3.Prefix + "pending/")).ShouldBe([mark], "it was given anew");
    }

    [Fact]
    public async Task What_failed_here_and_was_made_by_the_other_after_that_is_found()
    {
        var asset = await CommitAsync(_one, ("source", "begun"));
        await _one.DeleteAsync(asset, default);
        await CommitAsync(_two, asset, ("source", "made"));

        _one.Doubt(asset, 0);
        (await TextAsync(_one, ObjectKey.Source(asset))).ShouldBe("made");
    }

    private S3ObjectStore Open(string name, TimeProvider? clock = null) => S3Setup.Open(
        new StorageOptions
        {
            Data = _folder.CreateSubdirectory(name).FullName, ReserveBytes = 0, S3 = _s3, Catalog = "postgres://one@127.0.0.1/for-both",
        },
        Swift.Connector, clock ?? TimeProvider.System, NullLogger<S3ObjectStore>.Instance);

    private async Task<SqliteCatalog> NewCatalogAsync()
    {
        var catalog = new SqliteCatalog(Path.Combine(_folder.FullName, "catalog.db"));
        await catalog.MigrateAsync(default);
        return catalog;
    }

    /// <summary>As a server starts while others run.</summary>
    private static Task StartAsync(SqliteCatalog catalog, S3ObjectStore store, string name = "one") =>
        new Reconciler(catalog, store, TurnsOf(catalog, store, name), NullLogger<Reconciler>.Instance).RunAsync(isAlone: false, default);

    private static StoreTurns TurnsOf(SqliteCatalog catalog, S3ObjectStore store, string name) => new(
        new Holds(catalog, TimeProvider.System, NullLogger<Holds>.Instance, new Holder(name)), store,
        new SluiceOptions { Storage = { Catalog = "postgres://one@127.0.0.1/for-both" } }, TimeProvider.System);

    private async Task UncommitAsync(AssetId asset)
    {
        using var bucket = S3Setup.BucketOf(_s3, Swift.Connector, TimeProvider.System);
        await bucket.RemoveAsync(new S3Layout(_s3.Prefix).CommittedOf(asset), default);
    }

    private static async Task<AssetId> CommitAsync(S3ObjectStore store, params (string Name, string Text)[] objects) =>
        await CommitAsync(store, AssetId.New(), objects);

    private static async Task<AssetId> CommitAsync(S3ObjectStore store, AssetId asset, params (string Name, string Text)[] objects)
    {
        await using var stage = store.Stage(asset);
        foreach (var (name, text) in objects)
        {
            await File.WriteAllTextAsync(stage.PathOf(name), text);
        }

        await stage.CommitAsync(default);
        return asset;
    }

    private async Task PutAsync(S3ObjectStore store, ObjectKey key, string text)
    {
        var path = Path.Combine(_folder.FullName, Guid.NewGuid().ToString("n"));
        await File.WriteAllTextAsync(path, text);
        await store.PutAsync(key, path, default);
    }

    private static async Task<string?> TextAsync(S3ObjectStore store, ObjectKey key)
    {
        using var stored = await store.OpenAsync(key, default);
        var bytes = new byte[stored?.Length ?? 0];
        return stored is not null && await stored.ReadAllAsync(0, bytes, default) ? System.Text.Encoding.UTF8.GetString(bytes) : null;
    }

    private sealed class Ahead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + by;
    }
}
