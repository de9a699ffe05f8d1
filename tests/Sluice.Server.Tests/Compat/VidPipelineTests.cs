using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>VidPipeline's documented requests, and what was wrong with it.</summary>
public sealed class VidPipelineTests : IAsyncLifetime
{
    private readonly byte[] _file = TusCalls.File(1_000_000);
    private SluiceServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SluiceServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("chunk_data")]
    [InlineData("chunk")]
    public async Task The_documented_way_ends_in_two_links_that_play(string field)
    {
        var video = await InitAsync("My video", 4, """, "description": "About\nit" """);
        var hash = video.Text("video_hash");
        (video.Text("title"), video.Text("description"), video.Text("status")).ShouldBe(("My video", "About\nit", "uploading"));
        (Number(video, "total_chunks"), Number(video, "received_chunks")).ShouldBe((4, 0));
        video.GetProperty("url").ValueKind.ShouldBe(JsonValueKind.Null);

        foreach (var (index, chunk) in _file.Chunk(250_000).Index())
        {
            var answer = await (await ChunkAsync(hash, $"{index}", chunk, field)).JsonAsync();
            (answer.Text("video_hash"), Number(answer, "received_chunks")).ShouldBe((hash, index + 1));
            answer.Text("message").ShouldNotBeEmpty();
        }

        using var finalized = await FinalizeAsync(hash);
        finalized.StatusCode.ShouldBe(HttpStatusCode.OK);
        var final = await finalized.JsonAsync();
        (final.Text("video_hash"), final.Text("message")).ShouldBe((hash, "Video upload finalized; it is completed"));
        final.Text("video_url").ShouldStartWith($"/media/uploads/{hash}/hls/playlist.m3u8");

        var row = (await ListAsync()).ShouldHaveSingleItem();
        (row.Text("status"), Number(row, "received_chunks"), Number(row, "id")).ShouldBe(("completed", 4, 1));
        row.Text("url").ShouldBe(row.Text("hls_url"));
        foreach (var (link, place) in ((string, string)[])[(row.Text("hls_url"), "master.m3u8"), (row.Text("dash_url"), "manifest.mpd")])
        {
            using var redirect = await _server.Http.GetAsync(link);
            redirect.StatusCode.ShouldBe(HttpStatusCode.Found);
            redirect.Headers.Location!.ToString().ShouldBe($"/stream/{hash}/{place}?{link.Split('?')[1]}");
        }

        row.Text("dash_url").ShouldStartWith($"/media/uploads/{hash}/dash/manifest.mpd?token=");
        (await File.ReadAllBytesAsync(Path.Combine(_server.Data, "media", hash, "source"))).ShouldBe(_file);
        Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "uploads")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_documented_link_works_without_a_token_where_the_door_is_open_and_not_where_it_is_shut()
    {
        var hash = await UploadAsync("t", _file);
        using var open = await _server.Http.GetAsync($"/media/uploads/{hash}/hls/playlist.m3u8");
        open.StatusCode.ShouldBe(HttpStatusCode.Found);
        open.Headers.Location!.ToString().ShouldStartWith($"/stream/{hash}/master.m3u8?token=");

        await using var guarded = await SluiceServer.StartAsync(guarded: true);
        foreach (var path in (string[])["/videos", "/media/uploads/0000000000000000/hls/playlist.m3u8"])
        {
            using var shut = await guarded.Http.GetAsync(path);
            ((int)shut.StatusCode).ShouldBe(path == "/videos" ? 401 : 404);
        }

        using var init = await guarded.SendAsync(HttpMethod.Post, "/videos/init", json: """{"title":"t","total_chunks":1}""");
        init.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Chunks_in_any_order_side_by_side_and_again_count_once()
    {
        var hash = (await InitAsync("t", 10)).Text("video_hash");
        var chunks = _file.Chunk(100_000).Index().ToArray();
        new Random(4).Shuffle(chunks);
        var answers = await Task.WhenAll(chunks.Concat(chunks.Take(5)).Select(c => ChunkAsync(hash, $"{c.Index}", c.Item)));
        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK);
        Number((await ListAsync())[0], "received_chunks").ShouldBe(10);

        // A chunk that was broken on its way is put right by sending it again.
        using var broken = await ChunkAsync(hash, "3", new byte[7]);
        using var mended = await ChunkAsync(hash, "3", _file[300_000..400_000]);
        Number(await mended.JsonAsync(), "received_chunks").ShouldBe(10);
        (await FinalizeAsync(hash)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await File.ReadAllBytesAsync(Path.Combine(_server.Data, "media", hash, "source"))).ShouldBe(_file);
    }

    [Fact]
    public async Task Two_videos_of_one_title_are_two()
    {
        var (one, two) = (await InitAsync("t", 1), await InitAsync("t", 1));
        one.Text("video_hash").ShouldNotBe(two.Text("video_hash"));
    }

    [Fact]
    public async Task What_was_asked_for_wrongly_is_told_in_a_detail()
    {
        var hash = (await InitAsync("t", 3)).Text("video_hash");
        using var unknown = await ChunkAsync("0000000000000000", "0", [1]);
        await ShouldSayAsync(unknown, 404, "Video not found");
        foreach (var index in (string[])["3", "-1", "x", "99999999999"])
        {
            using var bad = await ChunkAsync(hash, index, [1]);
            await ShouldSayAsync(bad, 400, "Invalid chunk index");
        }

        using var wrongField = await ChunkAsync(hash, "0", [1], "file");
        await ShouldSayAsync(wrongField, 422, "chunk_data");
        using var none = await ChunkAsync(hash, "1", [1]);
        using var early = await FinalizeAsync(hash);
        await ShouldSayAsync(early, 400, "Missing chunks: 0, 2");
        using var nothing = await FinalizeAsync("0000000000000000");
        await ShouldSayAsync(nothing, 404, "Video not found");
        foreach (var body in (string[])["[]", "{}", """{"title":"t"}""", """{"title":"","total_chunks":1}""", """{"title":"t","total_chunks":0}""", """{"title":"t","total_chunks":70000}""", """{"title":"t","total_chunks":1,"sha256":"x"}"""])
        {
            using var invalid = await _server.SendAsync(HttpMethod.Post, "/videos/init", json: body);
            ((int)invalid.StatusCode).ShouldBe(422, body);
        }
    }

    [Fact]
    public async Task A_video_is_finalized_once()
    {
        var hash = await UploadAsync("t", _file);
        using var again = await FinalizeAsync(hash);
        await ShouldSayAsync(again, 400, "Video already finalized");
        using var late = await ChunkAsync(hash, "0", [1]);
        await ShouldSayAsync(late, 400, "Video already finalized");
    }

    [Theory]
    [InlineData(SluiceServer.Garbage, "failed", "There is no movie in it.")]
    [InlineData(SluiceServer.Odd, "failed", "video prores: no browser plays it")]
    public async Task What_cannot_be_played_has_failed_and_says_why(string content, string status, string reason)
    {
        var hash = (await InitAsync("t", 1)).Text("video_hash");
        using var chunk = await ChunkAsync(hash, "0", System.Text.Encoding.ASCII.GetBytes(content));
        using var finalized = await FinalizeAsync(hash);
        ((int)finalized.StatusCode).ShouldBe(content == SluiceServer.Odd ? 200 : 415);
        var row = (await ListAsync()).ShouldHaveSingleItem();
        (row.Text("status"), row.Text("reason")).ShouldBe((status, reason));
        row.GetProperty("hls_url").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task The_same_content_is_gone_on_with_after_a_restart_and_checked_at_the_end()
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(_file));
        var announced = $", \"sha256\": \"{sha256}\"";
        var chunks = _file.Chunk(200_000).ToArray();
        var data = Directory.CreateTempSubdirectory("sluice-vid-").FullName;
        string hash;
        await using (var before = await SluiceServer.StartAsync(data: data))
        {
            hash = (await InitAsync("t", 5, announced, before)).Text("video_hash");
            using var first = await ChunkAsync(hash, "3", chunks[3], server: before);
            using var second = await ChunkAsync(hash, "1", chunks[1], server: before);
            await File.WriteAllTextAsync(Path.Combine(data, "uploads", hash + "-chunks", "0123456789abcdef.new"), "half a chunk");
        }

        await using (var after = await SluiceServer.StartAsync(data: data))
        {
            var found = await InitAsync("another title", 5, announced.ToUpperInvariant().Replace("SHA256", "sha256", StringComparison.Ordinal), after);
            (found.Text("video_hash"), Number(found, "received_chunks")).ShouldBe((hash, 2));
            found.GetProperty("missing_chunks").EnumerateArray().Select(n => n.GetInt32()).ShouldBe([0, 2, 4]);
            (await InitAsync("t", 4, announced, after)).Text("video_hash").ShouldNotBe(hash, "other chunks are another upload");

            using var wrong = await ChunkAsync(hash, "0", chunks[2], server: after);
            using var third = await ChunkAsync(hash, "2", chunks[2], server: after);
            using var fourth = await ChunkAsync(hash, "4", chunks[4], server: after);
            using var right = await ChunkAsync(hash, "0", chunks[0], server: after);
            using var finalized = await FinalizeAsync(hash, after);
            finalized.StatusCode.ShouldBe(HttpStatusCode.OK, await finalized.Content.ReadAsStringAsync());
            (await File.ReadAllBytesAsync(Path.Combine(data, "media", hash, "source"))).ShouldBe(_file);
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Content_that_is_not_what_was_announced_is_refused()
    {
        var hash = (await InitAsync("t", 1, $", \"sha256\": \"{new string('0', 64)}\"")).Text("video_hash");
        using var chunk = await ChunkAsync(hash, "0", _file);
        using var refused = await FinalizeAsync(hash);
        await ShouldSayAsync(refused, 400, new string('0', 64));
        (await ListAsync())[0].Text("status").ShouldBe("failed");
        _server.StoredFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task More_bytes_than_one_upload_may_have_are_refused_with_the_number()
    {
        await using var small = await SluiceServer.StartAsync(options => options.Ingest.MaxUploadBytes = 1000);
        var hash = (await InitAsync("t", 2, server: small)).Text("video_hash");
        using var first = await ChunkAsync(hash, "0", new byte[600], server: small);
        using var again = await ChunkAsync(hash, "0", new byte[900], server: small);
        again.StatusCode.ShouldBe(HttpStatusCode.OK, "in the place of the first");
        using var second = await ChunkAsync(hash, "1", new byte[101], server: small);
        await ShouldSayAsync(second, 413, "limited to 1000 bytes (ingest.maxUploadBytes)");
        using var larger = await ChunkAsync(hash, "0", new byte[1001], server: small);
        await ShouldSayAsync(larger, 413, "limited to 1000 bytes (ingest.maxUploadBytes)");
        ChunkSizes(small, hash).ShouldBe([900]);
    }

    [Fact]
    public async Task Chunks_that_arrive_side_by_side_stay_within_one_upload()
    {
        const int size = 600_000;
        await using var small = await SluiceServer.StartAsync(options => options.Ingest.MaxUploadBytes = 1_000_000);
        var hash = (await InitAsync("t", 4, server: small)).Text("video_hash");

        var answers = await TogetherAsync([.. Enumerable.Range(0, 4).Select(n => (hash, n, size))], small);

        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        foreach (var refused in answers.Where(a => a.StatusCode != HttpStatusCode.OK))
        {
            await ShouldSayAsync(refused, 413, "limited to 1000000 bytes (ingest.maxUploadBytes)");
        }

        ChunkSizes(small, hash).ShouldBe([size]);
    }

    [Fact]
    public async Task An_upload_that_is_larger_than_it_may_be_can_be_made_smaller()
    {
        var data = Directory.CreateTempSubdirectory("sluice-vid-").FullName;
        string hash;
        await using (var before = await SluiceServer.StartAsync(data: data))
        {
            hash = (await InitAsync("t", 2, server: before)).Text("video_hash");
            using var first = await ChunkAsync(hash, "0", new byte[900], server: before);
            using var second = await ChunkAsync(hash, "1", new byte[900], server: before);
        }

        await using (var after = await SluiceServer.StartAsync(options => (options.Ingest.MaxUploadBytes, options.Ingest.MaxUnfinishedBytes) = (1000, 1000), data: data))
        {
            using var larger = await ChunkAsync(hash, "1", new byte[901], server: after);
            await ShouldSayAsync(larger, 413, "limited to 1000 bytes (ingest.maxUploadBytes)");
            using var smaller = await ChunkAsync(hash, "1", new byte[1], server: after);
            smaller.StatusCode.ShouldBe(HttpStatusCode.OK, await smaller.Content.ReadAsStringAsync());
            ChunkSizes(after, hash).ShouldBe([1, 900]);
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task All_unfinished_uploads_together_have_no_more_bytes_than_they_may()
    {
        await using var small = await SluiceServer.StartAsync(options => options.Ingest.MaxUnfinishedBytes = 1000);
        var (one, two) = ((await InitAsync("t", 2, server: small)).Text("video_hash"), (await InitAsync("t", 2, server: small)).Text("video_hash"));
        var path = await new TusCalls(small.Http).NewAsync(300);
        using var first = await ChunkAsync(one, "0", new byte[400], server: small);
        using var second = await ChunkAsync(two, "0", new byte[300], server: small);
        second.StatusCode.ShouldBe(HttpStatusCode.OK, await second.Content.ReadAsStringAsync());

        using var third = await ChunkAsync(two, "1", new byte[1], server: small);
        await ShouldSayAsync(third, 507, "1000 (ingest.maxUnfinishedBytes)");
        using var again = await ChunkAsync(one, "0", new byte[399], server: small);
        again.StatusCode.ShouldBe(HttpStatusCode.OK, "in the place of the first");
        using var fitting = await ChunkAsync(two, "1", new byte[1], server: small);
        fitting.StatusCode.ShouldBe(HttpStatusCode.OK, await fitting.Content.ReadAsStringAsync());

        using var gone = await new TusCalls(small.Http).DeleteAsync(path);
        using var roomy = await ChunkAsync(one, "1", new byte[300], server: small);
        roomy.StatusCode.ShouldBe(HttpStatusCode.OK, await roomy.Content.ReadAsStringAsync());
        ChunkSizes(small, one).ShouldBe([300, 399]);
        ChunkSizes(small, two).ShouldBe([1, 300]);
    }

    [Fact]
    public async Task Chunks_of_several_uploads_that_arrive_side_by_side_stay_within_what_all_may_have()
    {
        const int size = 600_000;
        await using var small = await SluiceServer.StartAsync(options => options.Ingest.MaxUnfinishedBytes = 5 * size);
        var hashes = new List<string>();
        for (var n = 0; n < 4; n++)
        {
            hashes.Add((await InitAsync("t", 3, server: small)).Text("video_hash"));
        }

        var answers = await TogetherAsync([.. hashes.SelectMany(hash => Enumerable.Range(0, 3).Select(n => (hash, n, size)))], small);

        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(5);
        foreach (var refused in answers.Where(a => a.StatusCode != HttpStatusCode.OK))
        {
            await ShouldSayAsync(refused, 507, "3000000 (ingest.maxUnfinishedBytes)");
        }

        hashes.Sum(hash => ChunkSizes(small, hash).Sum()).ShouldBe(5 * size);
    }

    [Fact]
    public async Task A_removed_title_is_not_listed()
    {
        var hash = await UploadAsync("t", _file);
        using var gone = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{hash}");
        (await ListAsync()).ShouldBeEmpty();
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static async Task ShouldSayAsync(HttpResponseMessage answer, int status, string detail)
    {
        ((int)answer.StatusCode).ShouldBe(status, await answer.Content.ReadAsStringAsync());
        (await answer.JsonAsync()).Text("detail").ShouldContain(detail);
    }

    private async Task<string> UploadAsync(string title, byte[] file)
    {
        var hash = (await InitAsync(title, 1)).Text("video_hash");
        using var chunk = await ChunkAsync(hash, "0", file);
        using var finalized = await FinalizeAsync(hash);
        finalized.StatusCode.ShouldBe(HttpStatusCode.OK);
        return hash;
    }

    private async Task<JsonElement> InitAsync(string title, int chunks, string more = "", SluiceServer? server = null)
    {
        using var answer = await (server ?? _server).SendAsync(
            HttpMethod.Post, "/videos/init", json: $$"""{"title": "{{title}}", "total_chunks": {{chunks}}{{more}}}""");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    private async Task<HttpResponseMessage> ChunkAsync(string hash, string index, byte[] bytes, string field = "chunk_data", SluiceServer? server = null)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), field, "blob" } };
        return await (server ?? _server).Http.PostAsync($"/videos/upload_chunk/{hash}/{index}", form);
    }

    /// <summary>Sends chunks so that each is all but there before any of them ends.</summary>
    private static Task<HttpResponseMessage[]> TogetherAsync(IReadOnlyList<(string Hash, int Number, int Size)> chunks, SluiceServer server)
    {
        var (begun, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return Task.WhenAll(chunks.Select(async chunk =>
        {
            var file = new HeldContent(chunk.Size, Begun, all.Task);
            using var form = new MultipartFormDataContent { { file, "chunk", "blob" } };
            return await server.Http.PostAsync($"/videos/upload_chunk/{chunk.Hash}/{chunk.Number}", form);
        }));

        void Begun()
        {
            if (Interlocked.Increment(ref begun) == chunks.Count)
            {
                all.SetResult();
            }
        }
    }

    private static long[] ChunkSizes(SluiceServer server, string hash) =>
        [.. new DirectoryInfo(Path.Combine(server.Data, "uploads", hash + "-chunks")).EnumerateFiles().Select(f => f.Length).Order()];

    private Task<HttpResponseMessage> FinalizeAsync(string hash, SluiceServer? server = null) =>
        (server ?? _server).Http.PostAsync($"/videos/finalize/{hash}", null);

    private async Task<JsonElement[]> ListAsync() =>
        [.. (await (await _server.Http.GetAsync("/videos")).JsonAsync()).EnumerateArray()];
}
