using System.Collections.Concurrent;
using System.Text;
using Shouldly;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Outbound;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A DASH presentation on another server is a channel; ffmpeg reads it, and goes nowhere that this server would not go.</summary>
public sealed class DashSessionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-dash-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_is_shown_at_its_own_pace()
    {
        await using var upstream = await Upstream.StartAsync();
        var mpd = Path.Combine(_folder, "film.mpd");
        Ffmpeg.Make(
            "-f lavfi -i testsrc2=s=160x90:r=25:d=30 -f lavfi -i sine=440:r=48000:d=30 -map 0:v -map 0:v -map 1:a -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p "
            + "-s:v:0 80x46 -c:a aac -seg_duration 2 -f dash", mpd);
        foreach (var path in Directory.GetFiles(_folder))
        {
            upstream.Files[$"dash/{Path.GetFileName(path)}"] = await File.ReadAllBytesAsync(path);
        }

        await using var server = await StartAsync(upstream);
        var session = await SessionServer.BeginAsync(server, upstream.Url("dash/film.mpd").Secret);

        session.GetProperty("playable").Text("kind").ShouldBe("channel");
        var file = Path.Combine(_folder, "first.ts");
        await File.WriteAllBytesAsync(file, await BeginningAsync(server.Http, session.GetProperty("playback").Text("ts")));
        var streams = Ffmpeg.TryProbe("-show_entries stream=codec_name,height -of csv=p=0", file).Distinct().Order(StringComparer.Ordinal).ToList();
        streams.ShouldBe(["aac", "h264,90"], "the best picture, and the sound");
        upstream.Asked.Count(a => a.Contains("chunk-stream1", StringComparison.Ordinal)).ShouldBeLessThan(15, "a film is not fetched ahead of who watches it");
        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task What_is_secret_of_its_address_is_on_no_command_line()
    {
        await using var upstream = await Upstream.StartAsync();
        var name = $"film-{Guid.NewGuid():N}.mpd";
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:r=25:d=60 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -seg_duration 2 -f dash", Path.Combine(_folder, name));
        foreach (var path in Directory.GetFiles(_folder))
        {
            upstream.Files[$"dash/{Path.GetFileName(path)}"] = await File.ReadAllBytesAsync(path);
        }

        var refused = new ConcurrentQueue<string>();
        foreach (var path in upstream.Files.Keys)
        {
            upstream.Faults[path] = context =>
            {
                var isLetIn = context.Request.Headers.Authorization == "Basic dXNlcjpwYXNz" && (path != $"dash/{name}" || context.Request.Query["token"] == "geheim");
                context.Response.StatusCode = isLetIn ? 200 : 403;
                if (!isLetIn)
                {
                    refused.Enqueue(path);
                }

                return Task.FromResult(!isLetIn);
            };
        }

        await using var server = await StartAsync(upstream);
        var session = await SessionServer.BeginAsync(server, upstream.Url($"dash/{name}?token=geheim").Secret.Replace("//", "//user:pass@", StringComparison.Ordinal));
        using var answer = await server.Http.GetAsync(session.GetProperty("playback").Text("ts"), HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1000]);

        var lines = CommandLines.All().Where(line => line.Contains(name, StringComparison.Ordinal)).ToArray();

        lines.ShouldNotBeEmpty("ffmpeg is at it");
        lines.ShouldAllBe(line => !line.Contains("geheim") && !line.Contains("user:pass") && !line.Contains("sluice:"));
        refused.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("https://127.0.0.1:{0}/")]
    [InlineData("httpproxy://127.0.0.1:{0}/")]
    [InlineData("httpproxy://127.0.0.1:{0}/x/")]
    [InlineData("tls://127.0.0.1:{0}/")]
    [InlineData("tcp://127.0.0.1:{0}/")]
    [InlineData("file:///{1}/")]
    [InlineData("dash/again/")]
    public async Task What_it_leads_to_inside_is_not_asked(string home)
    {
        await using var canary = new Canary();
        await using var upstream = await Upstream.StartAsync();
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:r=25:d=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -f mp4 -movflags +frag_keyframe+empty_moov", Path.Combine(_folder, "a.mp4"));
        upstream.Files["dash/evil.mpd"] = Presentation(home.Replace("{0}", $"{canary.Port}", StringComparison.Ordinal).Replace("{1}", _folder, StringComparison.Ordinal));
        upstream.Files["dash/dash/again/a.mp4"] = Presentation($"http://127.0.0.1:{canary.Port}/"); // A segment that is a presentation itself.
        await using var server = await StartAsync(upstream);
        var session = await SessionServer.BeginAsync(server, upstream.Url("dash/evil.mpd").Secret);

        using var answer = await server.Http.GetAsync(session.GetProperty("playback").Text("hls"));

        await answer.ShouldBeProblemAsync(502, "upstream-unusable");
        canary.Visits.ShouldBe(0);
    }

    [Theory]
    [InlineData("dash/moved/")]
    [InlineData("http://127.0.0.1:{1}/dash/moved/")]
    public async Task What_it_leads_to_inside_by_a_redirect_is_not_asked(string home)
    {
        await using var canary = new Canary();
        await using var upstream = await Upstream.StartAsync();
        var targets = new ConcurrentQueue<string>(["http", "https", "httpproxy", "tls"]);
        foreach (var path in (string[])["dash/moved/a.mp4", "dash/dash/moved/a.mp4"])
        {
            upstream.Faults[path] = context =>
            {
                targets.TryDequeue(out var scheme);
                targets.Enqueue(scheme!);
                (context.Response.StatusCode, context.Response.Headers.Location) = (302, $"{scheme}://127.0.0.1:{canary.Port}/a.mp4");
                return Task.FromResult(true);
            };
        }

        await using var server = await StartAsync(upstream);
        for (var tries = 0; tries < 4; tries++)
        {
            upstream.Files[$"dash/evil{tries}.mpd"] = Presentation(home.Replace("{1}", $"{upstream.Url("").Address.Port}", StringComparison.Ordinal));
            var session = await SessionServer.BeginAsync(server, upstream.Url($"dash/evil{tries}.mpd").Secret);
            using var answer = await server.Http.GetAsync(session.GetProperty("playback").Text("hls"));
            await answer.ShouldBeProblemAsync(502, "upstream-unusable");
        }

        canary.Visits.ShouldBe(0);
        upstream.Asked.Count(path => path.Contains("moved", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(4, "it was redirected");
    }

    private static byte[] Presentation(string home) => Encoding.UTF8.GetBytes(
        $"""
        <?xml version="1.0"?>
        <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" minBufferTime="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
          <Period><AdaptationSet mimeType="video/mp4"><Representation id="a" bandwidth="100000" codecs="avc1.42c00a" width="64" height="64">
            <BaseURL>{home}a.mp4</BaseURL>
          </Representation></AdaptationSet></Period>
        </MPD>
        """);

    private static Task<SluiceServer> StartAsync(Upstream upstream) => SessionServer.StartAsync(options =>
    {
        options.Outbound.Allow = [$"127.0.0.1:{upstream.Url("").Address.Port}"];
        (options.Transcode.Enabled, options.Transcode.Preset) = (true, "ultrafast");
    });

    private static async Task<byte[]> BeginningAsync(HttpClient http, string url)
    {
        using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        var bytes = new byte[30_000];
        await body.ReadExactlyAsync(bytes);
        return bytes;
    }
}
