using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>pipeKV's addresses for players, passed on from a node over https.</summary>
public sealed class PipeKvTests : IAsyncLifetime
{
    private const string PlaylistText = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n/ts/film_1712345678901_0.ts\n#EXT-X-ENDLIST\n";

    private KvNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await KvNode.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_playlist_is_passed_on_with_its_type_and_what_the_node_says()
    {
        await using var server = await StartAsync();
        _node.Put("film_1712345678901.m3u8", Encoding.UTF8.GetBytes(PlaylistText));

        using var answer = await server.Http.GetAsync("/m3u8/film_1712345678901.m3u8");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldBe(PlaylistText);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("application/vnd.apple.mpegurl");
        answer.Headers.CacheControl!.ToString().ShouldBe("public, max-age=5");
        (Of(answer, "x-cache"), Of(answer, "x-cache-node"), Of(answer, "x-kv-version"), Of(answer, "x-kv-latency-ms"), Of(answer, "Accept-Ranges"))
            .ShouldBe(("HIT", "pop-7", "1", "1.5", "bytes"));
        Of(answer, "Access-Control-Allow-Origin").ShouldBe("*");
    }

    [Theory]
    [InlineData(null, 200, 0, 188_000, null)]
    [InlineData("bytes=0-0", 206, 0, 1, "bytes 0-0/188000")]
    [InlineData("bytes=100-299", 206, 100, 200, "bytes 100-299/188000")]
    [InlineData("bytes=187000-", 206, 187_000, 1000, "bytes 187000-187999/188000")]
    [InlineData("bytes=-5", 206, 187_995, 5, "bytes 187995-187999/188000")]
    [InlineData("bytes=188000-", 416, 0, 0, "bytes */188000")]
    public async Task A_segment_is_passed_on_whole_or_in_part(string? range, int status, int from, int length, string? contentRange)
    {
        foreach (var hasRanges in (bool[])[true, false])
        {
            _node.HasRanges = hasRanges;
            await using var server = await StartAsync();
            var bytes = KvNode.Segment(3);
            _node.Put("a.ts", bytes);
            using var answer = await server.SendAsync(HttpMethod.Get, "/ts/a.ts", headers: range is null ? [] : [("Range", range)]);

            ((int)answer.StatusCode).ShouldBe(status);
            answer.Content.Headers.ContentRange?.ToString().ShouldBe(contentRange);
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(bytes[from..(from + length)]);
            if (status != 416)
            {
                answer.Content.Headers.ContentType!.ToString().ShouldBe("video/mp2t");
            }
        }
    }

    [Fact]
    public async Task Only_the_head_is_asked_and_the_node_is_not_asked_for_only_that()
    {
        await using var server = await StartAsync();
        _node.Put("a.ts", KvNode.Segment(3));

        using var head = await server.SendAsync(HttpMethod.Head, "/ts/a.ts");

        (head.StatusCode, head.Content.Headers.ContentLength).ShouldBe((HttpStatusCode.OK, 188_000L));
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        _node.Asked.ShouldAllBe(line => line.StartsWith("GET"));
    }

    [Fact]
    public async Task What_somebody_has_already_is_not_sent_again()
    {
        await using var server = await StartAsync();
        _node.Put("a.ts", KvNode.Segment(3));
        using var first = await server.Http.GetAsync("/ts/a.ts");
        await first.Content.ReadAsByteArrayAsync();

        using var again = await server.SendAsync(HttpMethod.Get, "/ts/a.ts", headers: ("If-None-Match", first.Headers.ETag!.Tag));
        using var other = await server.SendAsync(HttpMethod.Get, "/ts/a.ts", headers: [("Range", "bytes=0-9"), ("If-Range", "\"kv-0-1\"")]);

        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (other.StatusCode, other.Content.Headers.ContentLength).ShouldBe((HttpStatusCode.OK, 188_000L), "it is of another value");
        _node.Reads.ShouldBe(1);
    }

    [Theory]
    [InlineData("My film.final.v2_1712345678901.m3u8")]
    [InlineData("Größe & Weite – 映画_1712345678901.m3u8")]
    [InlineData("100% true_1712345678901.m3u8")]
    [InlineData("what's #1 + more?_1712345678901.m3u8")]
    public async Task Names_of_every_script_are_played(string name)
    {
        await using var server = await StartAsync();
        _node.Put(name, Encoding.UTF8.GetBytes(PlaylistText));

        (await server.Http.GetStringAsync("/m3u8/" + Uri.EscapeDataString(name))).ShouldBe(PlaylistText);
        _node.Asked.ShouldBe([$"GET {name}"]);
    }

    [Fact]
    public async Task What_is_not_there_is_not_there()
    {
        await using var server = await StartAsync();

        await (await server.Http.GetAsync("/ts/none.ts")).ShouldBeProblemAsync(404, "published-unknown");
        await (await server.Http.GetAsync("/m3u8/none.m3u8")).ShouldBeProblemAsync(404, "published-unknown");
        _node.Asked.Count.ShouldBe(2, "it was not asked again");
    }

    [Fact]
    public async Task Without_a_node_nothing_is_there_and_it_says_what_to_do()
    {
        await using var server = await SluiceServer.StartAsync();

        var problem = await (await server.Http.GetAsync("/ts/a.ts")).ShouldBeProblemAsync(404, "published-unknown");

        problem.Text("detail").ShouldContain("No key-value store is configured");
        problem.Text("hint").ShouldContain("docs/pipekv.md");
        (await server.Http.GetStringAsync("/m3u8_index_cache.json")).ShouldBe("[]");
        (await (await server.Http.GetAsync("/api/v1/pipekv")).JsonAsync()).GetProperty("node").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Without_a_node_what_was_published_here_is_sent()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-published-");
        var bytes = KvNode.Segment(5);
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "a.ts"), bytes);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, PublishedName.Index), """["film_1712345678901.m3u8"]""");
        await using var server = await SluiceServer.StartAsync(configure: builder => builder.Services.AddSingleton<IPublishedFiles>(new Folder(folder.FullName)));

        (await server.Http.GetByteArrayAsync("/ts/a.ts")).ShouldBe(bytes);
        (await server.Http.GetStringAsync("/m3u8_index_cache.json")).ShouldBe("""["film_1712345678901.m3u8"]""");
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_list_of_playlists_is_the_players_and_the_library_has_it_with_the_times_of_reads()
    {
        await using var server = await StartAsync();
        (await server.Http.GetStringAsync("/m3u8_index_cache.json")).ShouldBe("[]", "nothing was published yet");
        _node.Put(PublishedName.Index, """["zwei_1712345678902.m3u8", "eins_1712345678901.m3u8"]"""u8.ToArray());

        using var list = await server.Http.GetAsync("/m3u8_index_cache.json");
        var view = await (await server.Http.GetAsync("/api/v1/pipekv")).JsonAsync();

        (await list.JsonAsync()).EnumerateArray().Select(name => name.GetString()).ShouldBe(["zwei_1712345678902.m3u8", "eins_1712345678901.m3u8"]);
        list.Headers.CacheControl!.ToString().ShouldBe("public, max-age=5");
        view.Text("node").ShouldBe(_node.Url.Authority);
        view.GetProperty("names").GetArrayLength().ShouldBe(2);
        var reads = view.GetProperty("reads").EnumerateArray().ShouldHaveSingleItem();
        reads.Text("node").ShouldBe("pop-7");
        reads.GetProperty("last").EnumerateArray().ShouldHaveSingleItem().GetProperty("saidMilliseconds").GetDouble().ShouldBe(1.5);
    }

    [Fact]
    public async Task A_list_that_is_none_is_an_error_and_not_passed_on()
    {
        await using var server = await StartAsync();
        _node.Put(PublishedName.Index, "<html>"u8.ToArray());

        await (await server.Http.GetAsync("/m3u8_index_cache.json")).ShouldBeProblemAsync(502, "published-unusable");
        (await (await server.Http.GetAsync("/api/v1/pipekv")).JsonAsync()).Text("problem").ShouldContain("no JSON array");
    }

    [Fact]
    public async Task A_playlist_is_asked_for_again_when_it_may_have_changed_and_a_segment_is_not()
    {
        await using var server = await StartAsync();
        _node.Put("a.m3u8", Encoding.UTF8.GetBytes(PlaylistText));
        _node.Put("a.ts", KvNode.Segment(1));
        await Twice();
        _node.Reads.ShouldBe(2);

        _node.Put("a.m3u8", Encoding.UTF8.GetBytes(PlaylistText + "# more"));
        server.Clock.Advance(TimeSpan.FromSeconds(6));
        await Twice();

        _node.Reads.ShouldBe(3);
        (await server.Http.GetStringAsync("/m3u8/a.m3u8")).ShouldEndWith("# more");

        async Task Twice()
        {
            for (var time = 0; time < 2; time++)
            {
                await server.Http.GetStringAsync("/m3u8/a.m3u8");
                await server.Http.GetByteArrayAsync("/ts/a.ts");
            }
        }
    }

    [Fact]
    public async Task The_key_is_in_no_log_and_no_answer()
    {
        await using var server = await StartAsync();
        _node.Put("a.ts", KvNode.Segment(1));
        await server.Http.GetByteArrayAsync("/ts/a.ts");
        foreach (var status in (int[])[401, 404])
        {
            _node.Statuses.Enqueue(status);
            using var answer = await server.Http.GetAsync("/ts/b.ts");
            (await answer.Content.ReadAsStringAsync()).ShouldNotContain(KvNode.Key);
            answer.Headers.ToString().ShouldNotContain(KvNode.Key);
        }

        server.Logs.Lines.ShouldContain(line => line.Contains("X_SERVICE_KEY"), "whoever runs the server is told what to do");
        server.Logs.Lines.ShouldAllBe(line => !line.Contains(KvNode.Key));
    }

    private static string? Of(HttpResponseMessage answer, string header) => answer.Headers.TryGetValues(header, out var values) ? string.Join(',', values) : null;

    private Task<SluiceServer> StartAsync(Action<SluiceOptions>? more = null) => SluiceServer.StartAsync(options =>
    {
        _node.Configure(options);
        more?.Invoke(options);
    });

    private sealed class Folder(string path) : IPublishedFiles
    {
        public ValueTask<PublishedFile?> OpenAsync(string name, CancellationToken ct) => ValueTask.FromResult(
            File.Exists(Path.Combine(path, name)) ? new PublishedFile(new LocalObjectReader(Path.Combine(path, name)), "\"1\"", []) : null);
    }
}
