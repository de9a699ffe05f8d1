using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Outbound;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Playlists that people paste and that lead where nobody is to be led, or are more than they seem.</summary>
public sealed class SessionPlaylistAbuseTests
{
    private const string Head = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n";

    /// <summary>How a playlist names something else; <c>{0}</c> is what it names.</summary>
    public static TheoryData<string> Ways() =>
    [
        Head + "#EXTINF:1,\n{0}\n#EXT-X-ENDLIST\n",
        Head + "#EXT-X-MAP:URI=\"{0}\"\n#EXTINF:1,\nown.m4s\n#EXT-X-ENDLIST\n",
        Head + "#EXT-X-KEY:METHOD=AES-128,URI=\"{0}\"\n#EXTINF:1,\nown.ts\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\n{0}\n",
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",DEFAULT=YES,URI=\"{0}\"\n#EXT-X-STREAM-INF:BANDWIDTH=100000,AUDIO=\"a\"\n{0}\n",
        Head + "#EXTINF:1,\n/moved\n#EXT-X-ENDLIST\n",
    ];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_playlist_leads_nobody_inside(string playlist)
    {
        await using var canary = new Canary();
        await using var origin = await Elsewhere.StartAsync();
        origin.Files["/own.ts"] = origin.Files["/own.m4s"] = "what is its own"u8.ToArray();
        await using var server = await SessionServer.StartAsync(options => options.Outbound.Allow = [$"127.0.0.1:{origin.Port}"]);
        foreach (var target in (string[])
            ["file:///etc/passwd", "/etc/passwd", "concat:/etc/passwd|/etc/hosts", $"http://127.0.0.1:{canary.Port}/x.ts", "http://169.254.169.254/latest/", $"http://[::1]:{canary.Port}/x.ts"])
        {
            origin.Target = target;
            origin.Files["/evil.m3u8"] = Encoding.UTF8.GetBytes(playlist.Replace("{0}", target, StringComparison.Ordinal));
            var session = await SessionServer.BeginAsync(server, $"{origin.Url}evil.m3u8");

            using var answer = await server.Http.GetAsync(session.GetProperty("playback").Text("hls"));

            ((int)answer.StatusCode).ShouldBeOneOf([502, 503], target);
            (await answer.Content.ReadAsStringAsync()).ShouldNotContain("root:");
            (await SessionServer.EndAsync(server, session)).Dispose();
        }

        canary.Visits.ShouldBe(0);
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task A_playlist_that_unpacks_to_a_thousand_times_as_much_is_not_unpacked()
    {
        await using var origin = await Elsewhere.StartAsync();
        origin.Files["/bomb.m3u8"] = Encoding.UTF8.GetBytes(Head + "#EXTINF:1,\nown.ts\n");
        await using var server = await SessionServer.StartAsync(options => options.Outbound.Allow = [$"127.0.0.1:{origin.Port}"]);
        var session = await SessionServer.BeginAsync(server, $"{origin.Url}bomb.m3u8");
        origin.Files["/bomb.m3u8"] = Packed(Head, 64 << 20);

        using var answer = await server.Http.GetAsync(session.GetProperty("playback").Text("hls"));

        (await answer.ShouldBeProblemAsync(502, "upstream-unusable")).Text("detail").ShouldContain("more than 1048576 bytes");
        (await SessionServer.EndAsync(server, session)).Dispose();
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task A_playlist_without_end_is_given_up()
    {
        await using var origin = await Elsewhere.StartAsync();
        origin.Files["/endless.m3u8"] = Encoding.UTF8.GetBytes(Head);
        origin.IsEndless = true;
        await using var server = await SessionServer.StartAsync(options => options.Outbound.Allow = [$"127.0.0.1:{origin.Port}"]);

        using var begun = await SessionServer.PostAsync(server, $"{origin.Url}endless.m3u8");
        if (begun.IsSuccessStatusCode)
        {
            using var answer = await server.Http.GetAsync((await begun.JsonAsync()).GetProperty("playback").Text("hls"));
            ((int)answer.StatusCode).ShouldBeOneOf(502, 503);
        }

        foreach (var left in server.App.Services.GetRequiredService<SessionDesk>().All)
        {
            await server.App.Services.GetRequiredService<SessionDesk>().EndAsync(left.Id);
        }

        (await Eventually.Holds(() => origin.Open == 0)).ShouldBeTrue("nothing is read on and on");
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    /// <summary>So many bytes of nothing behind a beginning, as gzip: a thousandth of that.</summary>
    private static byte[] Packed(string head, int zeros)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(head));
            var piece = new byte[1 << 20];
            for (var at = 0; at < zeros; at += piece.Length)
            {
                gzip.Write(piece);
            }
        }

        return packed.ToArray();
    }

    /// <summary>Somebody else's server, with files.</summary>
    private sealed class Elsewhere : IAsyncDisposable
    {
        private ApiStub _stub = null!;
        private int _open;

        public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

        /// <summary>Where <c>/moved</c> is said to be.</summary>
        public string Target { get; set; } = "/moved";

        /// <summary>Files never end.</summary>
        public bool IsEndless { get; set; }

        /// <summary>Answers that are being sent.</summary>
        public int Open => Volatile.Read(ref _open);

        public Uri Url => _stub.Url;

        public int Port => Url.Port;

        public static async Task<Elsewhere> StartAsync()
        {
            var elsewhere = new Elsewhere();
            elsewhere._stub = await ApiStub.StartAsync(elsewhere.AnswerAsync);
            return elsewhere;
        }

        public ValueTask DisposeAsync() => _stub.DisposeAsync();

        private async Task AnswerAsync(HttpContext context)
        {
            Interlocked.Increment(ref _open);
            try
            {
                var (request, response) = (context.Request, context.Response);
                response.StatusCode = request.Path == "/moved" ? 302 : Files.ContainsKey(request.Path) ? 200 : 404;
                response.Headers.Location = request.Path == "/moved" ? Target : default;
                if (Files.TryGetValue(request.Path, out var file))
                {
                    await response.Body.WriteAsync(file, context.RequestAborted);
                    while (IsEndless)
                    {
                        await response.Body.WriteAsync("#EXTINF:1,\nown.ts\n"u8.ToArray(), context.RequestAborted);
                    }
                }
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // Whoever asked has had enough.
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }
}
