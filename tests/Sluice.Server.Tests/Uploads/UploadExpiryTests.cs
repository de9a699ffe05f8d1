using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Chunks;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Package;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>An upload is removed when nothing comes any more, and at no other time.</summary>
public sealed class UploadExpiryTests
{
    private const string Reason = "It expired.";
    private const int NoSpaceLeft = 28;

    [Fact]
    public async Task Bytes_that_come_after_an_upload_was_listed_keep_it()
    {
        await using var server = await SluiceServer.StartAsync();
        var tus = new TusCalls(server.Http);
        var path = await tus.NewAsync(100);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        server.Clock.Advance(TimeSpan.FromMinutes(1439));
        var listed = server.Clock.GetUtcNow().AddMinutes(1);
        using var patched = await tus.PatchAsync(path, 0, new byte[50]);

        (await Desk(server).ExpireAsync(id, listed, Reason)).ShouldBeFalse();
        (await tus.OffsetAsync(path)).ShouldBe(50);

        (await Desk(server).ExpireAsync(id, listed.AddMinutes(1439), Reason)).ShouldBeTrue();
        (await tus.HeadAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await Desk(server).ExpireAsync(id, listed.AddDays(9), Reason)).ShouldBeFalse("it is over already");
    }

    [Fact]
    public async Task Bytes_that_are_coming_keep_it_and_are_not_stopped()
    {
        await using var server = await SluiceServer.StartAsync();
        var file = TusCalls.File(100_000);
        var path = await new TusCalls(server.Http).NewAsync(file.Length);
        var bytes = new FileInfo(Path.Combine(server.Data, "uploads", TusCalls.IdOf(path)));
        using var raw = new RawTus(server);
        await raw.BeginAsync("PATCH", path, "Upload-Offset: 0", $"Content-Type: {TusCalls.BodyType}", "Content-Length: 100000");
        await raw.SendAsync(file.AsMemory(0, 60_000));
        (await Eventually.Holds(() =>
        {
            bytes.Refresh();
            return bytes.Exists && bytes.Length == 60_000;
        })).ShouldBeTrue();
        server.Clock.Advance(TimeSpan.FromSeconds(4)); // So silent that a client would be let in its place.

        (await Desk(server).ExpireAsync(AssetId.Parse(TusCalls.IdOf(path), null), DateTimeOffset.MaxValue, Reason)).ShouldBeFalse();

        await raw.SendAsync(file.AsMemory(60_000));
        (await raw.AnswerAsync()).ShouldStartWith("HTTP/1.1 204");
    }

    [Fact]
    public async Task A_chunk_that_comes_after_an_upload_was_listed_keeps_it()
    {
        await using var server = await SluiceServer.StartAsync();
        var chunks = server.App.Services.GetRequiredService<ChunkedUploads>();
        var begun = await chunks.BeginAsync("", 2, default);
        server.Clock.Advance(TimeSpan.FromMinutes(1439));
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[50]), "chunk", "blob" } };
        using var sent = await server.Http.PostAsync($"/videos/upload_chunk/{begun.Id}/0", form);
        sent.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await chunks.ExpireAsync(begun.Id, begun.ExpiresAt, Reason)).ShouldBeFalse();
        chunks.BoardOf(begun).Received.ShouldBe(1);

        (await chunks.ExpireAsync(begun.Id, begun.ExpiresAt.AddMinutes(1439), Reason)).ShouldBeTrue();
        (await chunks.FindAsync(begun.Id, default))!.Reason.ShouldBe(Reason);
        Directory.EnumerateFileSystemEntries(Path.Combine(server.Data, "uploads")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_whole_upload_that_could_not_be_finished_is_finished_later_and_never_expires(bool inChunks)
    {
        var (full, tries) = (true, 0);
        Task<PackageResult> PackageAsync()
        {
            Interlocked.Increment(ref tries);
            return Volatile.Read(ref full)
                ? throw new IOException("No space left on device", NoSpaceLeft)
                : Task.FromResult(new PackageResult(null, AssetState.Ready, null, "abcd", 1, []));
        }

        await using var server = await SluiceServer.StartAsync(
            configure: builder => builder.Services.AddSingleton<PackageStep>((_, _, _, _) => PackageAsync()));
        var id = inChunks ? await ChunkAsync(server) : await PatchAsync(server);
        tries.ShouldBe(1);

        for (var passed = 1; passed <= 3; passed++)
        {
            await SweptAsync(server, TimeSpan.FromHours(25), () => Task.FromResult(Volatile.Read(ref tries) > passed));
        }

        Volatile.Write(ref full, false);
        await SweptAsync(server, TimeSpan.FromSeconds(60), async () => (await server.Http.GetAsync($"/api/v1/media/{id}")).StatusCode == HttpStatusCode.OK);
    }

    private static async Task<string> PatchAsync(SluiceServer server)
    {
        var tus = new TusCalls(server.Http);
        var path = await tus.NewAsync(100);
        using var refused = await tus.PatchAsync(path, 0, TusCalls.File(100));
        await refused.ShouldBeProblemAsync(507, "disk-full");
        return TusCalls.IdOf(path);
    }

    private static async Task<string> ChunkAsync(SluiceServer server)
    {
        var begun = await server.App.Services.GetRequiredService<ChunkedUploads>().BeginAsync("", 1, default);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(TusCalls.File(100)), "chunk", "blob" } };
        using var sent = await server.Http.PostAsync($"/videos/upload_chunk/{begun.Id}/0", form);
        using var refused = await server.Http.PostAsync($"/videos/finalize/{begun.Id}", null);
        ((int)refused.StatusCode).ShouldBe(507, await refused.Content.ReadAsStringAsync());
        return begun.Id.Value;
    }

    private static UploadDesk Desk(SluiceServer server) => server.App.Services.GetRequiredService<UploadDesk>();

    /// <summary>Time passes, and the sweeper, which waits for it, looks again and again.</summary>
    private static async Task SweptAsync(SluiceServer server, TimeSpan step, Func<Task<bool>> holds) => (await Eventually.Holds(() =>
    {
        server.Clock.Advance(step);
        return holds();
    })).ShouldBeTrue();
}
