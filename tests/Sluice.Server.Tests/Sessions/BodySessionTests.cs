using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>What comes without an end, or is not given in parts, is a channel: one body for all who watch, encoded where it must be.</summary>
public sealed class BodySessionTests(EncodedClips clips) : IClassFixture<EncodedClips>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-body-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("h264.ts", "h264,aac")]
    [InlineData("mpeg2.ts", "h264,aac")]
    [InlineData("sound.mp3", "aac")]
    public async Task It_is_shown_while_it_comes_to_any_number_and_ends_with_its_session(string clip, string codecs)
    {
        await using var origin = await Broadcast.StartAsync(clips.Of(clip));
        await using var server = await StartAsync();

        var session = await SessionServer.BeginAsync(server, origin.Url);

        session.GetProperty("playable").Text("kind").ShouldBe("channel");
        var hls = new Uri(session.GetProperty("playback").Text("hls"));
        var segments = await Task.WhenAll(FirstSegmentAsync(server.Http, hls), FirstSegmentAsync(server.Http, hls));
        (await Eventually.Holds(() => origin.Open == 1)).ShouldBeTrue("one for all who watch; the one by which it became known may be going yet");
        var file = Path.Combine(_folder, "first.ts");
        await File.WriteAllBytesAsync(file, segments[0]);
        var streams = Ffmpeg.Probe("-show_entries stream=codec_name -of csv=p=0", file).Distinct().Order(StringComparer.Ordinal).Reverse();
        string.Join(',', streams).ShouldBe(codecs);
        Ffmpeg.Run($"-xerror -i {file} -f null -");

        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();

        (await Eventually.Holds(() => origin.Open == 0)).ShouldBeTrue();
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task What_nobody_can_make_anything_of_says_so_to_who_watches()
    {
        await using var origin = await Broadcast.StartAsync(new byte[100_000]);
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);

        using var answer = await server.Http.GetAsync(session.GetProperty("playback").Text("hls"));

        (await answer.ShouldBeProblemAsync(502, "upstream-unusable")).Text("detail").ShouldContain("ffmpeg can make nothing of what it sends");
    }

    [Fact]
    public async Task Without_ffmpeg_it_is_told_that_it_gives_no_parts()
    {
        await using var origin = await Broadcast.StartAsync(clips.Of("h264.ts"));
        await using var server = await SessionServer.StartAsync(clock: new FakeClock());

        using var refused = await SessionServer.PostAsync(server, origin.Url);

        (await refused.ShouldBeProblemAsync(422, "source-unsupported")).Text("detail").ShouldContain("gives no parts of the file");
    }

    private static Task<SluiceServer> StartAsync() => SessionServer.StartAsync(options =>
    {
        (options.Transcode.Enabled, options.Transcode.Preset) = (true, "ultrafast");
        options.Ladder = [90];
    });

    private static async Task<byte[]> FirstSegmentAsync(HttpClient http, Uri master)
    {
        byte[]? segment = null;
        (await Eventually.Holds(async () =>
        {
            var next = await NextAsync(http, master);
            next = next?.AbsolutePath.EndsWith(".m3u8", StringComparison.Ordinal) == true ? await NextAsync(http, next) : next;
            using var answer = next is null ? null : await http.GetAsync(next);
            segment = answer?.IsSuccessStatusCode == true ? await answer.Content.ReadAsByteArrayAsync() : null;
            return segment is not null;
        })).ShouldBeTrue();
        return segment!;
    }

    /// <summary>The first address in a playlist; null when it has none yet.</summary>
    private static async Task<Uri?> NextAsync(HttpClient http, Uri playlist)
    {
        using var answer = await http.GetAsync(playlist);
        var text = answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : "";
        return text.Split('\n').FirstOrDefault(l => l.Length > 0 && l[0] != '#') is { } line ? new Uri(playlist, line) : null;
    }

    /// <summary>A server that sends a clip to whoever asks, again and again without an end.</summary>
    private sealed class Broadcast : IAsyncDisposable
    {
        private ApiStub _stub = null!;
        private int _open;

        public string Url => $"{_stub.Url}live";

        /// <summary>Bodies that are being sent.</summary>
        public int Open => Volatile.Read(ref _open);

        public static async Task<Broadcast> StartAsync(byte[] clip)
        {
            var broadcast = new Broadcast();
            broadcast._stub = await ApiStub.StartAsync(async context =>
            {
                context.Response.ContentType = "video/mp2t";
                Interlocked.Increment(ref broadcast._open);
                try
                {
                    while (true)
                    {
                        await context.Response.Body.WriteAsync(clip, context.RequestAborted);
                        await context.Response.Body.FlushAsync(context.RequestAborted);
                        await Task.Delay(TimeSpan.FromMilliseconds(300), context.RequestAborted);
                    }
                }
                catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
                {
                    // Whoever asked has gone.
                }
                finally
                {
                    Interlocked.Decrement(ref broadcast._open);
                }
            });
            return broadcast;
        }

        public ValueTask DisposeAsync() => _stub.DisposeAsync();
    }
}
