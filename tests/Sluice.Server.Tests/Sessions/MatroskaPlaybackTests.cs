using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A Matroska file on another server is played straight from its clusters.</summary>
public sealed class MatroskaPlaybackTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(4.5);

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-mkv-").FullName;

    [Theory]
    [InlineData("h264.mkv", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -bf 2 -c:a aac")]
    [InlineData("opus.mkv", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -c:a libopus")]
    [InlineData("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv420p -g 50 -c:a libopus")]
    public async Task Every_frame_of_it_is_shown_in_hls_and_in_dash(string name, string codecs)
    {
        var path = Path.Combine(_folder, name);
        Ffmpeg.Make($"-f lavfi -i testsrc2=s=128x96:r=25:d=14 -f lavfi -i sine=d=14 {codecs}", path);
        await using var origin = await OriginOf(path);
        await using var server = await SessionServer.StartAsync();

        var session = await SessionServer.BeginAsync(server, origin.Url);

        session.Text("state").ShouldBe("ready", session.Text("reason"));
        var theirs = Pictures(path);
        theirs.Count.ShouldBe(14 * 25);
        Pictures(session.GetProperty("playback").Text("hls")).ShouldBe(theirs);
        Pictures(session.GetProperty("playback").Text("dash")).ShouldBe(theirs);
        Ffmpeg.Run("-v error -i", session.GetProperty("playback").Text("hls"), "-map", "0:a", "-f", "null", "-").ShouldBeEmpty();
    }

    [Fact]
    public async Task Transport_streams_of_it_are_whole_too()
    {
        var path = Path.Combine(_folder, "ts.mkv");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=128x96:r=25:d=14 -f lavfi -i sine=d=14 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -bf 2 -c:a aac", path);
        await using var origin = await OriginOf(path);
        await using var server = await SessionServer.StartAsync();

        var session = await SessionServer.BeginAsync(server, origin.Url);

        var hls = session.GetProperty("playback").Text("hls");
        var version = (await new Player(server, hls).TracksAsync())[0].Version;
        Pictures(hls.Replace("master.m3u8", $"{version}/ts/v0-a0/index.m3u8", StringComparison.Ordinal)).ShouldBe(Pictures(path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Twenty_seconds_from_the_middle_of_two_gigabytes_cost_less_than_a_hundredth_of_it(bool cuesLast)
    {
        await using var origin = await RangeOrigin.StartAsync();
        var film = LongMatroska.Of(Long, cuesLast);
        film.Length.ShouldBeGreaterThan(2L << 30);
        origin.Content = film;
        await using var server = await SessionServer.StartAsync();

        var session = await SessionServer.BeginAsync(server, origin.Url);
        session.Text("state").ShouldBe("ready", session.Text("reason"));
        var index = (Bytes: origin.SentBytes, Requests: origin.Asked.Count);
        await new Player(server, session.GetProperty("playback").Text("hls")).ShouldPlayTheMiddleAsync(Long, n => LongMatroska.Pictures(n));

        TestContext.Current.TestOutputHelper?.WriteLine($"index {index}, all {origin.SentBytes} of {film.Length} in {origin.Asked.Count} requests");
        origin.SentBytes.ShouldBeLessThan(film.Length / 100);
        index.Bytes.ShouldBeLessThan(8 << 20);
        index.Requests.ShouldBeLessThan(12);
    }

    [Fact]
    public async Task Viewers_share_what_is_found_out_and_fetched()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongMatroska.Of(TimeSpan.FromMinutes(20));
        await using var server = await SessionServer.StartAsync();
        var player = new Player(server, (await SessionServer.BeginAsync(server, origin.Url)).GetProperty("playback").Text("hls"));
        var tracks = await player.TracksAsync();

        var bodies = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => player.BytesAsync($"{tracks[0].Version}/{tracks[i % 2].Track}/{50 + (i / 4)}.m4s")));

        bodies.ShouldAllBe(b => b.Length > 10_000);
        origin.AskedBlocks.Length.ShouldBeGreaterThan(10);
        origin.AskedBlocks.ShouldBeUnique();
    }

    [Fact]
    public async Task The_last_segment_and_none_behind_it()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongMatroska.Of(TimeSpan.FromMinutes(2), cuesLast: true);
        await using var server = await SessionServer.StartAsync();
        var player = new Player(server, (await SessionServer.BeginAsync(server, origin.Url)).GetProperty("playback").Text("hls"));
        var (version, _) = (await player.TracksAsync())[0];

        (await player.BytesAsync($"{version}/v0/20.m4s"))[^LongMatroska.Pictures(20).Length..].ShouldBe(LongMatroska.Pictures(20));
        using var behind = await player.GetAsync($"{version}/v0/21.m4s");

        await behind.ShouldBeProblemAsync(404, "segment-unknown");
    }

    [Fact]
    public async Task A_segment_whose_keyframe_is_not_there_is_told_in_words_and_the_others_play()
    {
        await using var origin = await RangeOrigin.StartAsync();
        var film = LongMatroska.Of(TimeSpan.FromMinutes(20));
        origin.Content = new Spoilt(film, film.Length / 2, 4 << 20);
        await using var server = await SessionServer.StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var (version, track) = (await player.TracksAsync())[0];

        using var spoilt = await player.GetAsync($"{version}/{track}/101.m4s");

        (await spoilt.ShouldBeProblemAsync(500, "segment-failed")).Text("detail").ShouldContain("damaged");
        (await player.BytesAsync($"{version}/{track}/150.m4s")).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("-c:v mpeg4 -c:a aac", "V_MPEG4/ISO/ASP is not copied out of Matroska")]
    [InlineData("-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a ac3", "A_AC3 is not copied out of Matroska")]
    [InlineData("-c:v libx264 -preset ultrafast -pix_fmt yuv444p -c:a aac", "4:4:4")]
    [InlineData("-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -live 1", "no index of its keyframes (Cues)")]
    public async Task What_does_not_play_as_it_lies_says_why(string codecs, string words)
    {
        var path = Path.Combine(_folder, "other.mkv");
        Ffmpeg.Make($"-f lavfi -i testsrc2=s=128x96:r=25:d=2 -f lavfi -i sine=d=2 {codecs}", path);
        await using var origin = await OriginOf(path);
        await using var server = await SessionServer.StartAsync(clock: new FakeClock());

        using var refused = await SessionServer.PostAsync(server, origin.Url);

        (await refused.ShouldBeProblemAsync(422, "source-unsupported")).Text("detail").ShouldContain(words);
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Stretches_without_keyframes_are_not_read()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongMatroska.Of(TimeSpan.FromHours(1), cueEvery: 1100);
        await using var server = await SessionServer.StartAsync(clock: new FakeClock());

        using var refused = await SessionServer.PostAsync(server, origin.Url);

        (await refused.ShouldBeProblemAsync(422, "source-unsupported")).Text("detail").ShouldContain("without a keyframe");
        origin.SentBytes.ShouldBeLessThan(8 << 20);
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<RangeOrigin> OriginOf(string path)
    {
        var origin = await RangeOrigin.StartAsync();
        (origin.Content, origin.Type) = (new MemoryByteSource(await File.ReadAllBytesAsync(path)), "video/x-matroska");
        return origin;
    }

    /// <summary>Every picture, decoded.</summary>
    private static List<string> Pictures(string input) =>
    [
        .. Ffmpeg.Run("-v error -i", input, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(r => r[0] != '#').Select(r => r.Split(',', StringSplitOptions.TrimEntries)[5]),
    ];

    /// <summary>A file of which a part in the middle is nothing but ones.</summary>
    private sealed class Spoilt(IByteSource inner, long from, int length) : IByteSource
    {
        public long Length => inner.Length;

        public int Read(long offset, Span<byte> destination)
        {
            var count = inner.Read(offset, destination);
            for (var i = (int)Math.Max(0, from - offset); i < count && offset + i < from + length; i++)
            {
                destination[i] = 0xFF;
            }

            return count;
        }
    }
}
