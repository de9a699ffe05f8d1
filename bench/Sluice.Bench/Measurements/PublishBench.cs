using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Measurements;

/// <summary>How soon after the last byte of an upload a player has what it needs for the first picture and sound.</summary>
internal static class PublishBench
{
    private const int Rounds = 3;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var first = await RoundsAsync(workshop, await workshop.Films.FilmAsync());
        var last = await RoundsAsync(workshop, await workshop.Films.FilmMoovLastAsync());
        report.Bar("first segment ≤ 300 ms after the last byte, moov first", first.Segment <= 300, Milliseconds(first.Segment));
        report.Bar("first segment ≤ 500 ms after the last byte, moov last", last.Segment <= 500, Milliseconds(last.Segment));
        report.Text($"One hour of 720p H.264 and AAC, {first.SizeBytes / 1e9:F2} GB, uploaded over loopback; medians of {Rounds} uploads, each to "
            + "a server just started. The clock starts when the kernel has taken the last byte of the body. \"First segment\" is when "
            + "a new client has read the multivariant playlist, both media playlists, both init segments and the first video and "
            + "audio segments. ffmpeg packages the same file from the same disk, its playlist growing as it goes (`-c copy -f hls "
            + "-hls_segment_type fmp4 -hls_playlist_type event`), with nothing to be uploaded first. The disk is at rest before each.");
        report.Table(["", "moov first", "moov last"], [
            ["Sluice: answer 201", Milliseconds(first.Answer), Milliseconds(last.Answer)],
            ["Sluice: first segments received", Milliseconds(first.Segment), Milliseconds(last.Segment)],
            ["Sluice: upload", Rate(first), Rate(last)],
            ["Sluice: bytes written beside the upload", Share(first.Written, first.SizeBytes), Share(last.Written, last.SizeBytes)],
            ["ffmpeg: first segment written", Milliseconds(first.PeerFirst), Milliseconds(last.PeerFirst)],
            ["ffmpeg: whole title", Milliseconds(first.PeerWhole), Milliseconds(last.PeerWhole)],
            ["ffmpeg: bytes written beside the file", Share(first.PeerWritten, first.SizeBytes), Share(last.PeerWritten, last.SizeBytes)],
        ]);
    }

    private static async Task<Outcome> RoundsAsync(Workshop workshop, string film)
    {
        var outcomes = new List<Outcome>();
        for (var round = 0; round < Rounds; round++)
        {
            // What one of them left for the disk to do must not be done in the other's time.
            await Tool.RunAsync("sync", []);
            var peer = await PackageWithFfmpegAsync(workshop, film);
            await Tool.RunAsync("sync", []);
            outcomes.Add(await PublishAsync(workshop, film) with
            {
                PeerFirst = peer.First,
                PeerWhole = peer.Whole,
                PeerWritten = peer.Written,
            });
        }

        return new Outcome(
            outcomes.Select(o => o.Answer).Median(), outcomes.Select(o => o.Segment).Median(), outcomes.Select(o => o.UploadSeconds).Median(),
            outcomes[0].SizeBytes, outcomes[0].Written)
        {
            PeerFirst = outcomes.Select(o => o.PeerFirst).Median(),
            PeerWhole = outcomes.Select(o => o.PeerWhole).Median(),
            PeerWritten = outcomes[0].PeerWritten,
        };
    }

    private static async Task<Outcome> PublishAsync(Workshop workshop, string film)
    {
        var data = workshop.NewFolder();
        await using var sluice = await SluiceServer.StartAsync(workshop, data);
        using var viewer = new Viewer();
        var title = await sluice.PublishAsync(film);
        foreach (var list in await viewer.OpenAsync(title.Hls))
        {
            await viewer.GetAsync(list.Init);
            await viewer.GetAsync(list.Segments[0]);
        }

        var segment = Stopwatch.GetElapsedTime(title.LastByteAt);
        var written = SizeOf(Path.Combine(data, "media")) - title.SizeBytes;
        (await sluice.Http.DeleteAsync($"api/v1/media/{title.Id}")).Dispose();
        return new Outcome(title.AnswerAfter.TotalMilliseconds, segment.TotalMilliseconds, title.UploadTime.TotalSeconds, title.SizeBytes, written);
    }

    private static async Task<(double First, double Whole, long Written)> PackageWithFfmpegAsync(Workshop workshop, string film)
    {
        var folder = workshop.NewFolder();
        var playlist = Path.Combine(folder, "index.m3u8");
        var began = Stopwatch.GetTimestamp();
        var packaging = Tool.RunAsync("ffmpeg", [
            "-nostdin", "-v", "error", "-i", film, "-c", "copy", "-f", "hls", "-hls_time", "6", "-hls_segment_type", "fmp4",
            "-hls_playlist_type", "event", "-hls_segment_filename", Path.Combine(folder, "%d.m4s"), playlist]);
        while (!File.Exists(playlist) && !packaging.IsCompleted)
        {
            await Task.Delay(1);
        }

        var first = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await packaging;
        var whole = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        var written = SizeOf(folder);
        Directory.Delete(folder, recursive: true);
        return (first, whole, written);
    }

    private static long SizeOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);

    private static string Milliseconds(double value) => value.ToString("F0", CultureInfo.InvariantCulture) + " ms";

    private static string Rate(Outcome o) => (o.SizeBytes / 1e6 / o.UploadSeconds).ToString("F0", CultureInfo.InvariantCulture) + " MB/s";

    private static string Share(long written, long size) => string.Create(
        CultureInfo.InvariantCulture, $"{written / 1e6:F1} MB ({100.0 * written / size:F1} %)");

    private sealed record Outcome(double Answer, double Segment, double UploadSeconds, long SizeBytes, long Written)
    {
        public double PeerFirst { get; init; }

        public double PeerWhole { get; init; }

        public long PeerWritten { get; init; }
    }
}
