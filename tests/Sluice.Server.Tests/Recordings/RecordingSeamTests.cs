using System.Globalization;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Recordings;

/// <summary>A recording across a place where the upstream began anew plays like any other title.</summary>
public sealed class RecordingSeamTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    /// <param name="isOther">Whether what comes behind the seam is another source, with pictures of another size, as after a failover.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_one_title_as_long_as_what_was_recorded(bool isOther)
    {
        var clock = new FastClock(5);
        await using var upstream = await LoopingUpstream.StartAsync([.. segments.All.Take(6), .. isOther ? Others() : segments.All.Take(6)], clock, every: 6);
        await using var server = await RecordingServer.StartAsync(clock, options: o => (o.Transcode.Enabled, o.Ladder) = (true, [180]), realPackager: true);
        await RecordingServer.MakeAsync(server, upstream.Url);

        var recording = await RecordingServer.RecordAsync(server, """{"seconds":11}""");
        var import = await RecordingServer.EndOfAsync(server, recording);
        import.Text("state").ShouldBe("done", import.ToString());
        var title = default(JsonElement);
        (await Eventually.Holds(
            async () => (title = await RecordingServer.TitleAsync(server, recording)).Text("state") is "ready" or "failed")).ShouldBeTrue(title.ToString());

        title.Text("state").ShouldBe("ready", title.ToString());
        title.GetProperty("tracks").EnumerateArray().Select(t => t.Text("action")).ShouldBe(["copy", "copy"], title.ToString());
        var seconds = Frames(segments.Write("seam.ts", RecordingServer.SourceOf(server, recording))) / (double)LiveSegments.Pictures;
        seconds.ShouldBeGreaterThan(8, "a seam is in it");
        title.GetProperty("durationSeconds").GetDouble().ShouldBe(seconds, 0.5);
        using var issued = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{recording.Text("id")}/tokens", json: "{}");
        var hls = (await issued.JsonAsync()).Text("hls");
        Ffmpeg.Run("-xerror -i", hls, "-f", "null", "-");
        (Frames(hls) / (double)LiveSegments.Pictures).ShouldBe(seconds, 0.1);
    }

    private static IEnumerable<byte[]> Others()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-live-");
        try
        {
            Ffmpeg.Make(
                "-f lavfi -i testsrc2=size=640x360:rate=25:duration=6 -f lavfi -i sine=frequency=880:sample_rate=48000:duration=6 "
                + "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -keyint_min 25 -sc_threshold 0 -c:a aac -f hls -hls_time 1 -hls_list_size 0 -hls_segment_filename",
                Path.Combine(folder.FullName, "%d.ts"), Path.Combine(folder.FullName, "index.m3u8"));
            return [.. Enumerable.Range(0, 6).Select(n => File.ReadAllBytes(Path.Combine(folder.FullName, $"{n}.ts")))];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Frames(string input) => Ffmpeg.Probe("-select_streams v:0 -count_packets -show_entries stream=nb_read_packets -of csv=p=0", input)
        .Select(line => int.Parse(line.TrimEnd(','), CultureInfo.InvariantCulture)).First();
}
