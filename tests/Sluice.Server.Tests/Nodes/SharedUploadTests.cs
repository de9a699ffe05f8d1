using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Store;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Uploads by tus at two servers over one database and one bucket.</summary>
[Collection(nameof(Swift))]
public sealed class SharedUploadTests(Swift swift, PostgresServers servers) : IAsyncLifetime
{
    private readonly byte[] _file = TusCalls.File(300_000);
    private S3Options _s3 = null!;
    private string _database = null!;
    private SluiceServer[] _running = [];
    private SluiceServer _one = null!;
    private SluiceServer _two = null!;
    private TusCalls _a = null!;
    private TusCalls _b = null!;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        (_database, _s3) = (shared.UrlOf(await shared.NewDatabaseAsync()), swift.Options());
        _running = [_one = await StartAsync(), _two = await StartAsync()];
        (_a, _b) = (new TusCalls(_one.Http), new TusCalls(_two.Http));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _running)
        {
            await server.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_goes_on_at_another_server_and_ends_at_either(bool endsAtTheOther)
    {
        var path = await _a.NewAsync(_file.Length);
        await AppendAsync(_a, path, 0, 100_000);
        (await _b.OffsetAsync(path)).ShouldBe(100_000);
        await AppendAsync(_b, path, 100_000, 200_000);
        (await _a.OffsetAsync(path)).ShouldBe(200_000);
        (await PiecesAsync()).Count.ShouldBe(2);

        await AppendAsync(endsAtTheOther ? _b : _a, path, 200_000, 300_000);

        await ShouldBeTitleAsync(path);
        await ShouldBeGoneAsync(path);
    }

    [Fact]
    public async Task A_server_that_dies_is_followed_by_another_from_what_was_acknowledged()
    {
        var path = await _a.NewAsync(_file.Length);
        await AppendAsync(_a, path, 0, 100_000);

        // As a server leaves it that dies while it receives: bytes that nobody was told of, and the upload still its own.
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        await File.AppendAllTextAsync(_one.Of<UploadShelf>().PathOf(id), new string('x', 5000));
        (await Holds.HoldAsync($"upload {id}", new Holder("the dead"), TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(2), default)).ShouldBeTrue();
        using (var busy = await _b.PatchAsync(path, 100_000, _file[100_000..]))
        {
            busy.StatusCode.ShouldBe(HttpStatusCode.Locked);
        }

        HttpStatusCode status = default;
        (await Eventually.Holds(async () =>
        {
            using var answer = await _b.PatchAsync(path, 100_000, _file[100_000..200_000]);
            return (status = answer.StatusCode) != HttpStatusCode.Locked;
        })).ShouldBeTrue();
        status.ShouldBe(HttpStatusCode.NoContent);

        // What it left on its own disk is behind, and is not taken for more.
        await AppendAsync(_a, path, 200_000, 300_000);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task A_server_that_is_started_again_takes_nothing_back_and_goes_on()
    {
        var path = await _a.NewAsync(_file.Length);
        await AppendAsync(_a, path, 0, 100_000);
        var data = Directory.CreateTempSubdirectory("sluice-test-");
        await using (var third = await StartAsync(data.FullName))
        {
            await AppendAsync(new TusCalls(third.Http), path, 100_000, 200_000);
        }

        await DisposeAsync();
        _running = [];
        await using (var alone = await StartAsync(data.FullName))
        {
            var calls = new TusCalls(alone.Http);
            (await calls.OffsetAsync(path)).ShouldBe(200_000, "its own disk has less, and that is no loss");
            using var last = await calls.PatchAsync(path, 200_000, _file[200_000..]);
            last.StatusCode.ShouldBe(HttpStatusCode.NoContent, await last.Content.ReadAsStringAsync());
            (await SourceAsync(alone, path)).ShouldBe(Hash(_file));
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Of_two_servers_that_append_at_once_one_is_told_so()
    {
        var path = await _a.NewAsync(_file.Length);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => (n % 2 == 0 ? _a : _b).PatchAsync(path, 0, _file[..((n + 1) * 20_000)])));
        answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent).ShouldBe(1);
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.NoContent || answer.StatusCode == HttpStatusCode.Locked || answer.StatusCode == HttpStatusCode.Conflict);
        var at = (int)await _a.OffsetAsync(path);
        at.ShouldBe((Array.FindIndex(answers, answer => answer.StatusCode == HttpStatusCode.NoContent) + 1) * 20_000);
        (await PiecesAsync()).Count.ShouldBe(1, "what the others brought is gone");

        await AppendAsync(_b, path, at, _file.Length);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task One_who_appends_without_the_hold_is_refused_by_the_row_and_harms_nothing()
    {
        var path = await _a.NewAsync(_file.Length);
        await AppendAsync(_a, path, 0, 100_000);
        using var slow = await BeginAsync(_one, path, 100_000, 100_000);
        await slow.SendAsync(new byte[50_000]);
        var hold = $"upload {TusCalls.IdOf(path)}";
        (await Eventually.Holds(async () => await Holds.HolderAsync(hold, DateTimeOffset.UtcNow, default) is not null)).ShouldBeTrue();

        // The first server is cut off from the catalog for long, and the second one goes on.
        await Holds.LetGoAsync(hold, _one.Of<Sluice.Server.Nodes.Holds>().Self.Name, default);
        await AppendAsync(_b, path, 100_000, 200_000);
        await slow.SendAsync(new byte[50_000]);
        (await slow.AnswerAsync()).ShouldContain("409");

        (await _b.OffsetAsync(path)).ShouldBe(200_000);
        await AppendAsync(_a, path, 200_000, 300_000);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task A_client_that_fell_silent_at_one_server_goes_on_at_the_other()
    {
        var path = await _a.NewAsync(_file.Length);
        using var silent = await BeginAsync(_one, path, 0, 200_000);
        await silent.SendAsync(_file.AsMemory(0, 80_000));

        (await Eventually.Holds(async () => await _b.OffsetAsync(path) == 80_000)).ShouldBeTrue("what it brought is kept while it is silent");
        HttpStatusCode status = default;
        (await Eventually.Holds(async () =>
        {
            using var answer = await _b.PatchAsync(path, 80_000, _file[80_000..]);
            return (status = answer.StatusCode) != HttpStatusCode.Locked;
        })).ShouldBeTrue();
        status.ShouldBe(HttpStatusCode.NoContent);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task Parts_that_came_to_different_servers_are_joined_by_either()
    {
        var (first, second) = (await _a.NewAsync(120_000, ("Upload-Concat", "partial")), await _b.NewAsync(180_000, ("Upload-Concat", "partial")));
        await AppendAsync(_a, first, 0, 120_000);
        using (var rest = await _b.PatchAsync(second, 0, _file[120_000..]))
        {
            rest.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        using var joined = await _b.SendAsync(HttpMethod.Post, TusCalls.Root, null, ("Upload-Concat", $"final;{first} {second}"));
        joined.StatusCode.ShouldBe(HttpStatusCode.Created, await joined.Content.ReadAsStringAsync());
        await ShouldBeTitleAsync(TusCalls.PathOf(joined));
        await ShouldBeGoneAsync(first);
        await ShouldBeGoneAsync(second);
    }

    [Fact]
    public async Task An_upload_that_is_given_up_at_another_server_leaves_nothing()
    {
        var path = await _a.NewAsync(_file.Length);
        await AppendAsync(_a, path, 0, 100_000);
        using (var removed = await _b.DeleteAsync(path))
        {
            removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        await ShouldBeGoneAsync(path);
        using var gone = await _a.PatchAsync(path, 100_000, _file[100_000..]);
        gone.StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await swift.NamesAsync(_s3.Prefix)).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_expires_is_removed_by_whichever_server_looks_first_and_so_are_leavings()
    {
        var path = await _a.NewAsync(_file.Length);
        await AppendAsync(_a, path, 0, 100_000);
        await AppendAsync(_b, path, 100_000, 150_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        await _one.Of<IPieceStore>().PutAsync(id, new UploadPiece(0, 100, "dead"), _one.Of<UploadShelf>().PathOf(id), default); // Of one who lost.
        var nobodys = AssetId.New();
        await _one.Of<IPieceStore>().PutAsync(nobodys, new UploadPiece(0, 100, "dead"), _one.Of<UploadShelf>().PathOf(id), default);

        await _one.Of<ICatalog>().UpdateUploadAsync(id, u => u with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(-1) }, default);
        (await Eventually.Holds(async () => (await _a.HeadAsync(path)).StatusCode == HttpStatusCode.Gone)).ShouldBeTrue();
        await ShouldBeGoneAsync(path);
        (await Eventually.Holds(async () => (await swift.NamesAsync(_s3.Prefix)).Count == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_small_requests_make_few_pieces()
    {
        var path = await _a.NewAsync(_file.Length);
        for (var n = 0; n < 70; n++)
        {
            await AppendAsync(n % 2 == 0 ? _a : _b, path, n * 1000, (n + 1) * 1000);
        }

        (await PiecesAsync()).Count.ShouldBeLessThan(10);
        await AppendAsync(_b, path, 70_000, _file.Length);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task What_a_server_stored_that_died_before_the_title_had_its_row_is_in_nobodys_way()
    {
        var path = await _a.NewAsync(_file.Length);
        await AppendAsync(_a, path, 0, 100_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        await using (var stage = _one.Of<IObjectStore>().Stage(id))
        {
            await File.WriteAllBytesAsync(stage.PathOf("source"), [1, 2, 3]);
            await stage.CommitAsync(default);
        }

        await AppendAsync(_b, path, 100_000, 300_000);
        (await SourceAsync(_two, path)).ShouldBe(Hash(_file));
    }

    [Fact]
    public async Task A_title_is_made_when_nobody_clears_up_what_was_left_of_it_any_more()
    {
        var path = await _a.NewAsync(_file.Length);
        await AppendAsync(_a, path, 0, 100_000);
        var (length, since) = (TimeSpan.FromSeconds(2), Stopwatch.StartNew());
        (await Holds.HoldAsync($"title {TusCalls.IdOf(path)}", new Holder("another"), TimeProvider.System.GetUtcNow(), length, default)).ShouldBeTrue();

        await AppendAsync(_b, path, 100_000, 300_000);

        since.Elapsed.ShouldBeGreaterThan(length * 0.9);
        await ShouldBeTitleAsync(path);
    }

    private IHoldCatalog Holds => (IHoldCatalog)_one.Of<ICatalog>();

    private static async Task<RawTus> BeginAsync(SluiceServer server, string path, int offset, int length)
    {
        var request = new RawTus(server);
        await request.BeginAsync("PATCH", path, $"Upload-Offset: {offset}", $"Content-Type: {TusCalls.BodyType}", $"Content-Length: {length}");
        return request;
    }

    private Task<SluiceServer> StartAsync(string? data = null) => ClusterNode.StartAsync(
        _database,
        configure: options =>
        {
            S3Title.Use(options, _s3);
            options.Retention.SweepSeconds = 1;
        },
        data: data);

    private async Task AppendAsync(TusCalls calls, string path, int from, int to)
    {
        using var answer = await calls.PatchAsync(path, from, _file[from..to]);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent, await answer.Content.ReadAsStringAsync());
        answer.Header("Upload-Offset").ShouldBe(to.ToString(null, null));
    }

    /// <summary>The title has the upload's id and its bytes, at both servers.</summary>
    private async Task ShouldBeTitleAsync(string path)
    {
        foreach (var server in (SluiceServer[])[_one, _two])
        {
            (await SourceAsync(server, path)).ShouldBe(Hash(_file));
            using var head = await new TusCalls(server.Http).HeadAsync(path);
            head.Header("Sluice-Media-Id").ShouldBe(TusCalls.IdOf(path));
        }
    }

    private static async Task<string> SourceAsync(SluiceServer server, string path)
    {
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        (await server.Of<ICatalog>().FindAsync(id, default)).ShouldNotBeNull().State.ShouldBe(AssetState.Ready);
        await using var source = (await server.Of<IObjectStore>().FileOfAsync(ObjectKey.Source(id), default)).ShouldNotBeNull();
        return Hash(await File.ReadAllBytesAsync(source.Path));
    }

    /// <summary>Nothing of an upload is left in the bucket, or on a shelf.</summary>
    private async Task ShouldBeGoneAsync(string path)
    {
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        (await Eventually.Holds(async () => !(await PiecesAsync()).Exists(name => name.Contains(id.Value, StringComparison.Ordinal)))).ShouldBeTrue();
        (await Eventually.Holds(() => !_one.Of<UploadShelf>().Has(id) && !_two.Of<UploadShelf>().Has(id))).ShouldBeTrue();
    }

    private Task<List<string>> PiecesAsync() => swift.NamesAsync(_s3.Prefix + "uploads/");

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
