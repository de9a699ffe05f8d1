using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Resolve;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Resolve;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage.Channels;

/// <summary>An address is looked at without a channel.</summary>
public sealed class ChannelTestTests
{
    private const string Live = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:4,\n7.seg\n#EXTINF:4,\n8.seg\n";

    [Fact]
    public async Task A_live_channel_of_several_variants_is_told_with_the_one_that_would_be_taken()
    {
        await using var upstream = await StartAsync("low/index.m3u8", Live);
        upstream.Files["low/8.seg"] = Ts();
        upstream.Files["all.m3u8"] = Encoding.UTF8.GetBytes("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080,CODECS=\"avc1.640028,mp4a.40.2\"\nhigh.m3u8\n"
            + "#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS=\"avc1.64001E,mp4a.40.2\"\nlow/index.m3u8\n");

        var result = await TestAsync(upstream, "all.m3u8", ""","maxHeight":720""");

        (result.GetProperty("ok").GetBoolean(), result.Text("kind"), result.GetProperty("live").GetBoolean()).ShouldBe((true, "ts", true), result.ToString());
        result.GetProperty("targetDurationSeconds").GetDouble().ShouldBe(4);
        result.GetProperty("variants").EnumerateArray().Select(v => (v.GetProperty("height").GetInt32(), v.GetProperty("chosen").GetBoolean()))
            .ShouldBe([(1080, false), (360, true)]);
        result.GetProperty("variants")[1].Text("codecs").ShouldBe("avc1.64001E,mp4a.40.2");
        upstream.Asked.ToArray().ShouldBe(["all.m3u8", "low/index.m3u8", "low/8.seg"], "it does not ask for more than it needs");
    }

    [Fact]
    public async Task A_film_of_fragments_is_told()
    {
        await using var upstream = await StartAsync(
            "index.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:4,\n1.m4s\n#EXT-X-ENDLIST\n");
        upstream.Files["init.mp4"] = [0, 0, 0, 8, .. "ftyp"u8, .. new byte[600]];
        upstream.Files["1.m4s"] = [0, 0, 0, 8, .. "moof"u8, .. new byte[600]];

        var result = await TestAsync(upstream, "index.m3u8");

        (result.GetProperty("ok").GetBoolean(), result.Text("kind"), result.GetProperty("live").GetBoolean()).ShouldBe((true, "fmp4", false), result.ToString());
    }

    [Theory]
    [InlineData("ID3")]
    [InlineData("\u00FF\u00F1")]
    [InlineData("\u000Bw")]
    [InlineData("..G")]
    public async Task What_a_channel_makes_a_transport_stream_of_is_told_so(string head)
    {
        await using var upstream = await StartAsync("index.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.aac\n");
        upstream.Files["1.aac"] = head.EndsWith('G') ? [1, 2, .. Ts()] : [.. Encoding.Latin1.GetBytes(head), .. new byte[1000]];

        var result = await TestAsync(upstream, "index.m3u8");

        (result.GetProperty("ok").GetBoolean(), result.Text("kind")).ShouldBe((true, "ts"), result.ToString());
    }

    [Fact]
    public async Task An_encrypted_segment_is_tasted_in_the_clear()
    {
        await using var upstream = await StartAsync(
            "index.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI=\"key\",IV=0x00000000000000000000000000000001\n#EXTINF:4,\n1.ts\n");
        var key = Enumerable.Range(0, 16).Select(n => (byte)n).ToArray();
        upstream.Files["key"] = key;
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = key;
        upstream.Files["1.ts"] = aes.EncryptCbc(Ts(), (byte[])[.. new byte[15], 1]);

        var result = await TestAsync(upstream, "index.m3u8");

        (result.GetProperty("ok").GetBoolean(), result.Text("kind"), result.GetProperty("encrypted").GetBoolean()).ShouldBe((true, "ts", true), result.ToString());
    }

    [Theory]
    [InlineData("none.m3u8", "The playlist is answered with 404.")]
    [InlineData("page.html", "Line 1: it is no HLS playlist: #EXTM3U is missing.")]
    [InlineData("empty.m3u8", "The playlist has no segments.")]
    [InlineData("gone.m3u8", "The upstream answers 404.")]
    [InlineData("odd.m3u8", "Its segments are neither MPEG-TS nor fragmented MP4 nor packed audio.")]
    [InlineData("text.m3u8", "Its segments are text, not video or audio.")]
    [InlineData("drm.m3u8", "")]
    [InlineData("variants.m3u8", "The playlist is answered with 404.")]
    public async Task Why_an_address_is_of_no_use_is_told(string path, string problem)
    {
        await using var upstream = await StartAsync("empty.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n");
        upstream.Files["page.html"] = "<html>"u8.ToArray();
        upstream.Files["gone.m3u8"] = Encoding.UTF8.GetBytes(Live);
        upstream.Files["odd.m3u8"] = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nodd.seg\n"u8.ToArray();
        upstream.Files["odd.seg"] = new byte[1000];
        upstream.Files["text.m3u8"] = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.vtt\n"u8.ToArray();
        upstream.Files["1.vtt"] = "WEBVTT\n\n"u8.ToArray();
        upstream.Files["drm.m3u8"] = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n#EXTINF:4,\n1.ts\n"u8.ToArray();
        upstream.Files["variants.m3u8"] = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nnone.m3u8\n"u8.ToArray();

        var result = await TestAsync(upstream, path);

        result.GetProperty("ok").GetBoolean().ShouldBeFalse(result.ToString());
        result.Text("problem").ShouldStartWith(problem);
        result.Text("problem").Length.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task A_private_address_is_refused_unless_it_is_allowed()
    {
        await using var server = await ChannelApi.StartAsync();

        using var response = await server.SendAsync(HttpMethod.Post, "/api/v1/channels/test", json: """{"url":"http://169.254.169.254/latest/meta-data"}""");

        (await response.JsonAsync()).Text("problem").ShouldBe("The address cannot be fetched.");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"url":7}""")]
    [InlineData("""{"url":"rtmp://a.example/x"}""")]
    [InlineData("""{"url":"http://a.example/x","headers":{"Host":"x"}}""")]
    [InlineData("[]")]
    public async Task What_cannot_be_tested_is_refused(string json)
    {
        await using var server = await ChannelApi.StartAsync();

        using var response = await server.SendAsync(HttpMethod.Post, "/api/v1/channels/test", json: json);

        await response.ShouldBeProblemAsync(422, "request-invalid");
    }

    [Fact]
    public async Task An_address_of_a_channel_is_tested_with_its_secrets()
    {
        await using var upstream = await StartAsync("index.m3u8", Live);
        upstream.Files["8.seg"] = Ts();
        var asked = new List<string>();
        upstream.Faults["index.m3u8"] = context =>
        {
            asked.Add($"{context.Request.QueryString} {context.Request.Headers["X-Key"]}");
            return Task.FromResult(false);
        };
        await using var server = await ChannelApi.StartAsync();
        var made = await ChannelApi.MakeAsync(server, "news", upstream.Url("index.m3u8?key=s3cret").Secret, ""","headers":{"X-Key":"1"}""");

        using var response = await server.SendAsync(
            HttpMethod.Post, "/api/v1/channels/test", json: $$"""{"url":"{{made.GetProperty("urls")[0]}}","channel":"news"}""");

        (await response.JsonAsync()).GetProperty("ok").GetBoolean().ShouldBeTrue();
        asked.ShouldBe(["?key=s3cret 1"]);
    }

    [Fact]
    public async Task Headers_of_a_channel_do_not_go_to_an_address_that_is_none_of_its_own()
    {
        await using var upstream = await StartAsync("index.m3u8", Live);
        upstream.Files["8.seg"] = Ts();
        var asked = new List<string>();
        upstream.Faults["index.m3u8"] = context =>
        {
            asked.Add($"{context.Request.QueryString} {context.Request.Headers["X-Key"]}");
            return Task.FromResult(false);
        };
        await using var server = await ChannelApi.StartAsync();
        await ChannelApi.MakeAsync(server, "news", upstream.Url("index.m3u8?key=s3cret").Secret, ""","headers":{"X-Key":"1"}""");

        using var response = await server.SendAsync(
            HttpMethod.Post, "/api/v1/channels/test", json: $$"""{"url":"{{upstream.Url("index.m3u8?key=other").Secret}}","channel":"news"}""");

        (await response.JsonAsync()).GetProperty("ok").GetBoolean().ShouldBeTrue();
        asked.ShouldBe(["?key=other "]);
    }

    [Fact]
    public async Task Behind_a_page_there_is_what_the_resolver_finds()
    {
        Shell.RequireLinux();
        using var programs = new ProgramFolder();
        await using var upstream = await StartAsync("index.m3u8", Live);
        upstream.Files["8.seg"] = Ts();
        var referer = "";
        upstream.Faults["index.m3u8"] = context =>
        {
            referer = context.Request.Headers.Referer.ToString();
            return Task.FromResult(false);
        };
        programs.Script("yt-dlp", $$"""echo '{{upstream.Url("index.m3u8").Secret}}'; echo '{"Referer":"http://page.example/"}'""");
        await using var server = await ChannelApi.StartAsync(
            configure: builder => builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ResolverRunner>(provider, programs.Path)));

        using var found = await server.SendAsync(HttpMethod.Post, "/api/v1/channels/test", json: """{"url":"http://page.example/watch","resolver":"yt-dlp"}""");
        using var missing = await server.SendAsync(HttpMethod.Post, "/api/v1/channels/test", json: """{"url":"http://page.example/watch","resolver":"streamlink"}""");

        (await found.JsonAsync()).GetProperty("ok").GetBoolean().ShouldBeTrue(await found.Content.ReadAsStringAsync());
        referer.ShouldBe("http://page.example/");
        (await missing.JsonAsync()).Text("problem").ShouldStartWith("streamlink is not installed");
    }

    private static async Task<Upstream> StartAsync(string path, string playlist)
    {
        var upstream = await Upstream.StartAsync();
        upstream.Files[path] = Encoding.UTF8.GetBytes(playlist);
        return upstream;
    }

    private static byte[] Ts() => [.. Enumerable.Range(0, 100).SelectMany(_ => new byte[] { 0x47 }.Concat(new byte[187]))];

    private static async Task<JsonElement> TestAsync(Upstream upstream, string path, string more = "")
    {
        await using var server = await ChannelApi.StartAsync();
        using var response = await server.SendAsync(
            HttpMethod.Post, "/api/v1/channels/test", json: $$"""{"url":"{{upstream.Url(path).Secret}}"{{more}}}""");
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }
}
