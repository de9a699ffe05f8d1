using System.Net;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>Several who want the same upload, somebody who wants another's, and more uploads than there may be.</summary>
public sealed class TusContentionTests
{
    [Fact]
    public async Task Of_two_that_append_at_once_one_wins_and_the_other_is_told()
    {
        await using var server = await SluiceServer.StartAsync();
        var tus = new TusCalls(server.Http);
        var file = TusCalls.File(600_000);
        var path = await tus.NewAsync(file.Length);
        using var raw = new RawTus(server);
        await raw.BeginAsync("PATCH", path, "Upload-Offset: 0", $"Content-Type: {TusCalls.BodyType}", "Content-Length: 600000");
        await raw.SendAsync(file.AsMemory(0, 300_000));
        (await Eventually.Holds(() => Uploaded(server, path) == 300_000)).ShouldBeTrue();

        using var other = await tus.PatchAsync(path, 0, file);
        await other.ShouldBeProblemAsync(423, "upload-busy");
        using var removal = await tus.DeleteAsync(path);
        await removal.ShouldBeProblemAsync(423, "upload-busy");

        await raw.SendAsync(file.AsMemory(300_000));
        (await raw.AnswerAsync()).ShouldStartWith("HTTP/1.1 204");
        (await File.ReadAllBytesAsync(Path.Combine(server.Data, "media", TusCalls.IdOf(path), "source"))).ShouldBe(file);
    }

    [Fact]
    public async Task What_came_before_a_connection_broke_is_kept_and_gone_on_from()
    {
        await using var server = await SluiceServer.StartAsync();
        var tus = new TusCalls(server.Http);
        var file = TusCalls.File(700_000);
        var path = await tus.NewAsync(file.Length);
        using (var raw = new RawTus(server))
        {
            await raw.BeginAsync("PATCH", path, "Upload-Offset: 0", $"Content-Type: {TusCalls.BodyType}", "Content-Length: 700000");
            await raw.SendAsync(file.AsMemory(0, 333_333));
            (await Eventually.Holds(() => Uploaded(server, path) == 333_333)).ShouldBeTrue();
            raw.Abort();
        }

        (await Eventually.Holds(async () => await tus.OffsetAsync(path) == 333_333)).ShouldBeTrue();
        HttpStatusCode status = default;
        (await Eventually.Holds(async () => (status = (await tus.PatchAsync(path, 333_333, file[333_333..])).StatusCode) != HttpStatusCode.Locked)).ShouldBeTrue();
        status.ShouldBe(HttpStatusCode.NoContent);
        (await File.ReadAllBytesAsync(Path.Combine(server.Data, "media", TusCalls.IdOf(path), "source"))).ShouldBe(file);
    }

    [Fact]
    public async Task A_client_that_fell_silent_gives_way_to_the_one_that_comes_back()
    {
        await using var server = await SluiceServer.StartAsync();
        var tus = new TusCalls(server.Http);
        var file = TusCalls.File(400_000);
        var path = await tus.NewAsync(file.Length);
        using var lost = new RawTus(server); // Its line is dead, and neither end was told.
        await lost.BeginAsync("PATCH", path, "Upload-Offset: 0", $"Content-Type: {TusCalls.BodyType}", "Content-Length: 400000");
        await lost.SendAsync(file.AsMemory(0, 150_000));
        (await Eventually.Holds(() => Uploaded(server, path) == 150_000)).ShouldBeTrue();
        using var early = await tus.PatchAsync(path, 0, file);
        await early.ShouldBeProblemAsync(423, "upload-busy");

        server.Clock.Advance(TimeSpan.FromSeconds(4));
        using var again = await tus.PatchAsync(path, await tus.OffsetAsync(path), file);
        await again.ShouldBeProblemAsync(409, "upload-offset");
        (await tus.OffsetAsync(path)).ShouldBe(150_000, "what came before is kept");
        using var rest = await tus.PatchAsync(path, 150_000, file[150_000..]);
        rest.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await File.ReadAllBytesAsync(Path.Combine(server.Data, "media", TusCalls.IdOf(path), "source"))).ShouldBe(file);
    }

    [Fact]
    public async Task A_line_that_stalls_for_some_seconds_is_borne_with()
    {
        await using var server = await SluiceServer.StartAsync();
        var tus = new TusCalls(server.Http);
        var file = TusCalls.File(100_000);
        var path = await tus.NewAsync(file.Length);
        using var raw = new RawTus(server);
        await raw.BeginAsync("PATCH", path, "Upload-Offset: 0", $"Content-Type: {TusCalls.BodyType}", "Content-Length: 100000");

        await Task.Delay(TimeSpan.FromSeconds(7)); // Kestrel's own patience is five.
        await raw.SendAsync(file);

        (await raw.AnswerAsync()).ShouldStartWith("HTTP/1.1 204");
    }

    [Fact]
    public async Task Somebody_elses_upload_is_not_there()
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        var owner = new TusCalls(server.Http) { Bearer = server.NewOperatorKey };
        var path = await owner.NewAsync(10);
        var nobody = new TusCalls(server.Http);
        foreach (var send in (Func<TusCalls, Task<HttpResponseMessage>>[])[t => t.CreateAsync(5), t => t.PatchAsync(path, 0, [1]), t => t.DeleteAsync(path)])
        {
            using var keyless = await send(nobody);
            await keyless.ShouldBeProblemAsync(401, "key-missing");
            keyless.Header("Tus-Resumable").ShouldBe("1.0.0");
            using var wrong = await send(new TusCalls(server.Http) { Bearer = "operator_wrong" });
            await wrong.ShouldBeProblemAsync(403, "key-invalid");
        }

        (await nobody.HeadAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        // A key that the operator has replaced since: whoever has the new one is somebody else.
        var keys = (Server.Access.OperatorKey)server.App.Services.GetService(typeof(Server.Access.OperatorKey))!;
        var successor = new TusCalls(server.Http) { Bearer = await keys.ReplaceAsync(default) };
        (await successor.HeadAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await successor.PatchAsync(path, 0, [1])).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await successor.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task One_unfinished_upload_more_than_allowed_is_refused_with_the_numbers()
    {
        await using var server = await SluiceServer.StartAsync(options => (options.Ingest.MaxUnfinished, options.Ingest.MaxUnfinishedBytes) = (2, 1000));
        var tus = new TusCalls(server.Http);
        var path = await tus.NewAsync(600);
        using var bytes = await tus.CreateAsync(401);
        var detail = (await bytes.ShouldBeProblemAsync(507, "disk-full")).Text("detail");
        detail.ShouldContain("401 bytes");
        detail.ShouldContain("600");
        detail.ShouldContain("1000 (ingest.maxUnfinishedBytes)");
        await tus.NewAsync(400);
        using var count = await tus.CreateAsync(0);
        (await count.ShouldBeProblemAsync(503, "server-busy")).Text("detail").ShouldBe("2 uploads are unfinished, and there may be 2 (ingest.maxUnfinished).");
        count.Headers.RetryAfter.ShouldNotBeNull();

        using var _ = await tus.DeleteAsync(path);
        await tus.NewAsync(600);
    }

    [Fact]
    public async Task An_upload_larger_than_the_disk_is_refused_with_the_numbers()
    {
        await using var server = await SluiceServer.StartAsync(options => (options.Ingest.MaxUploadBytes, options.Ingest.MaxUnfinishedBytes) = (long.MaxValue, long.MaxValue));
        using var refused = await new TusCalls(server.Http).CreateAsync(1L << 60);
        (await refused.ShouldBeProblemAsync(507, "disk-full")).Text("detail").ShouldContain($"{1L << 60} bytes and the disk has room for");
    }

    [Theory]
    [InlineData(1, 16, "ingest.maxUploads)")]
    [InlineData(16, 1, "from your address, and there may be 1 (ingest.maxUploadsPerClient)")]
    public async Task One_running_upload_more_than_allowed_is_refused_with_the_number(int all, int own, string said)
    {
        await using var server = await SluiceServer.StartAsync(options => (options.Ingest.MaxUploads, options.Ingest.MaxUploadsPerClient) = (all, own));
        var tus = new TusCalls(server.Http);
        var (slow, path) = (await tus.NewAsync(1000), await tus.NewAsync(1000));
        using var raw = new RawTus(server);
        await raw.BeginAsync("PATCH", slow, "Upload-Offset: 0", $"Content-Type: {TusCalls.BodyType}", "Content-Length: 1000");
        await raw.SendAsync(new byte[1]);
        (await Eventually.Holds(() => Uploaded(server, slow) == 1)).ShouldBeTrue();

        using var refused = await tus.PatchAsync(path, 0, new byte[10]);
        (await refused.ShouldBeProblemAsync(503, "server-busy")).Text("detail").ShouldContain(said);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        (await tus.OffsetAsync(path)).ShouldBe(0);

        raw.Abort();
        (await Eventually.Holds(async () => (await tus.PatchAsync(path, 0, new byte[10])).StatusCode == HttpStatusCode.NoContent)).ShouldBeTrue();
    }

    private static long Uploaded(SluiceServer server, string path) =>
        new FileInfo(Path.Combine(server.Data, "uploads", TusCalls.IdOf(path))) is { Exists: true } file ? file.Length : 0;
}
