using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>The contract over a real S3 server, and what only a bucket has.</summary>
[Collection(nameof(Swift))]
public sealed class S3ObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;
    private readonly S3Options _options;
    private readonly Swift _swift;
    private readonly S3ObjectStore _store;

    public S3ObjectStoreTests(Swift swift)
    {
        (_swift, _options) = (swift, swift.Options());
        _store = Swift.Store(_options, _folder);
    }

    private protected override IObjectStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Another_process_sees_what_this_one_did()
    {
        var (confirmed, pending, removed) = (await CommitAsync("one"), await CommitAsync("two"), await CommitAsync("three"));
        await Store.ConfirmAsync(confirmed, default);
        await Store.DeleteAsync(removed, default);
        await PutAsync(ObjectKey.Chunk(confirmed, "v1", 1, 3), "chunk");

        using var other = Again();
        var found = new List<AssetId>();
        await foreach (var id in other.ListAsync(default))
        {
            found.Add(id);
        }

        found.ShouldBe([confirmed, pending], ignoreOrder: true);
        (await other.IsUnconfirmedAsync(confirmed, default)).ShouldBeFalse();
        (await other.IsUnconfirmedAsync(pending, default)).ShouldBeTrue();
        (await TextAsync(other, ObjectKey.Source(confirmed))).ShouldBe("one");
        (await TextAsync(other, ObjectKey.Chunk(confirmed, "v1", 1, 3))).ShouldBe("chunk");
        (await other.OpenAsync(ObjectKey.Source(removed), default)).ShouldBeNull();
    }

    [Fact]
    public async Task What_an_interrupted_commit_left_is_pending_and_goes()
    {
        var id = AssetId.New();
        using (var bucket = S3Setup.BucketOf(_options, Swift.Connector, TimeProvider.System))
        {
            var layout = new S3Layout(_options.Prefix);
            await bucket.MarkAsync(layout.PendingOf(id), default);
            await bucket.MarkAsync(layout.NameOf(ObjectKey.Source(id)), default);
        }

        (await Store.OpenAsync(ObjectKey.Source(id), default)).ShouldBeNull("it was never whole");
        var found = new List<AssetId>();
        await foreach (var one in Store.ListAsync(default))
        {
            found.Add(one);
        }

        found.ShouldBe([id]);
        (await Store.IsUnconfirmedAsync(id, default)).ShouldBeTrue();
        await Store.ConfirmAsync(id, default);
        (await Store.IsUnconfirmedAsync(id, default)).ShouldBeTrue("half a title is confirmed by nobody");
        await Store.DeleteAsync(id, default);
        (await _swift.NamesAsync(_options.Prefix)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_stays_of_an_asset_once_its_last_reader_is_done()
    {
        var id = await CommitAsync("still read");
        await PutAsync(ObjectKey.Chunk(id, "v1", 1, 3), "chunk");
        var reader = (await Store.OpenAsync(ObjectKey.Source(id), default)).ShouldNotBeNull();
        await Store.DeleteAsync(id, default);
        (await _swift.NamesAsync(_options.Prefix)).Count.ShouldBe(2, "the source that is read, and the mark that it is to go");

        reader.Dispose();
        reader.Dispose();
        (await Eventually.Holds(async () => (await _swift.NamesAsync(_options.Prefix)).Count == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_large_file_goes_in_parts_and_comes_back_as_it_was()
    {
        var (id, bytes) = (AssetId.New(), new byte[(11 << 20) + 12345]);
        new Random(7).NextBytes(bytes);
        await using (var stage = Store.Stage(id))
        {
            await File.WriteAllBytesAsync(stage.PathOf("source"), bytes);
            await stage.CommitAsync(default);
        }

        using var other = Again();
        await using var file = (await other.FileOfAsync(ObjectKey.Source(id), default)).ShouldNotBeNull();
        SHA256.HashData(await File.ReadAllBytesAsync(file.Path)).ShouldBe(SHA256.HashData(bytes));
        await file.DisposeAsync();
        File.Exists(file.Path).ShouldBeFalse("a copy goes when nobody needs it any more");
    }

    [Fact]
    public async Task Bytes_of_two_states_of_an_object_are_never_mixed()
    {
        var id = await CommitAsync("x");
        var key = ObjectKey.Gathered(id, "a0");
        await PutAsync(key, new string('1', 600_000));
        using var reader = (await Store.OpenAsync(key, default)).ShouldNotBeNull();
        var first = new byte[10];
        (await reader.ReadAsync(0, first, default)).ShouldBe(10);

        await PutAsync(key, new string('2', 600_000));

        (await Should.ThrowAsync<SourceUnavailableException>(async () => await reader.ReadAsync(599_000, first, default)))
            .Message.ShouldContain("replaced");
        (await TextAsync(Store, key)).ShouldBe(new string('2', 600_000));
    }

    [Fact]
    public async Task Nothing_is_put_where_no_asset_is()
    {
        var id = await CommitAsync("x");
        await Store.DeleteAsync(id, default);
        await Should.ThrowAsync<IOException>(() => PutAsync(ObjectKey.Index(id, "v0"), "late"));
        await Should.ThrowAsync<IOException>(() => PutAsync(ObjectKey.Index(AssetId.New(), "v0"), "nowhere"));
        (await _swift.NamesAsync(_options.Prefix)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("a/b")]
    [InlineData(".committed")]
    [InlineData("chunks/")]
    public async Task No_name_leaves_its_folder(string name)
    {
        var id = await CommitAsync("x");
        await using var stage = Store.Stage(AssetId.New());
        Should.Throw<ArgumentException>(() => stage.PathOf(name));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.OpenAsync(new ObjectKey(id, name), default));
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_and_no_key_with_it()
    {
        var wrong = _swift.Options();
        wrong.SecretKey = "another secret";
        (await TryAsync(wrong)).ShouldNotBeNull().ShouldContain("accessKey");

        var missing = _swift.Options();
        missing.Bucket = "no-such-bucket";
        (await TryAsync(missing)).ShouldNotBeNull().ShouldContain("bucket");

        var nobody = _swift.Options(new Uri($"http://127.0.0.1:{Torrents.Swarm.FreePort()}"));
        (await TryAsync(nobody)).ShouldNotBeNull().ShouldContain("endpoint");

        (await TryAsync(_options)).ShouldBeNull();
        (await _swift.NamesAsync(_options.Prefix)).ShouldBeEmpty();

        static async Task<string?> TryAsync(S3Options options)
        {
            using var bucket = S3Setup.BucketOf(options, Swift.Connector, TimeProvider.System);
            var said = await S3Trial.RunAsync(bucket, options, default);
            said?.ShouldNotContain(options.SecretKey!);
            return said;
        }
    }

    private S3ObjectStore Again() => Swift.Store(_options, Path.Combine(_folder, Guid.NewGuid().ToString("n")));

    private async Task PutAsync(ObjectKey key, string text)
    {
        var local = Path.GetTempFileName();
        await File.WriteAllTextAsync(local, text);
        await Store.PutAsync(key, local, default);
    }

    private static async Task<string> TextAsync(IObjectStore store, ObjectKey key)
    {
        using var reader = (await store.OpenAsync(key, default)).ShouldNotBeNull();
        var bytes = new byte[reader.Length];
        (await reader.ReadAllAsync(0, bytes, default)).ShouldBeTrue();
        return Encoding.UTF8.GetString(bytes);
    }
}
