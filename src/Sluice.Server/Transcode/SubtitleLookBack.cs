using System.Globalization;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>
/// Subtitles that are pictures come once, when they begin to be shown. A run that begins later has to read from there, so it is looked
/// up where that is: reading packets costs little, decoding the picture from far before would cost much.
/// </summary>
internal sealed class SubtitleLookBack(FfmpegTools tools)
{
    /// <summary>Subtitles that stand longer are not found again, and are missing from then on in the runs that begin after it.</summary>
    private const double LongestSeconds = 30;

    /// <summary>Read before the subtitles themselves, for seeking finds its place roughly.</summary>
    private const double Before = 0.5;

    /// <summary>Some formats tell of a change only what is new: the packet before is read too.</summary>
    private const int Packets = 2;

    private const int MostBytes = 1 << 20;

    private static readonly ChildLimits Limits = new() { WallTime = TimeSpan.FromSeconds(30), CpuSeconds = 15, MemoryBytes = 2L << 30, FileBytes = 0 };

    /// <summary>How long before a run's start reading must begin for the subtitles that are shown there; 0 when there are none.</summary>
    public async Task<double> SecondsAsync(string path, EncodePlan plan, RunSpan run, CancellationToken ct)
    {
        if (run.Video is null || plan.Video?.BurnedSubtitle is not { } subtitle || run.FirstSecond <= 0)
        {
            return 0;
        }

        var start = run.FirstSecond + (plan.StartsAtZero ? plan.StartSeconds : 0);
        var from = Math.Max(plan.StartSeconds, start - LongestSeconds);
        await using var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = tools.ProbeProgram ?? "ffprobe",
                // Of all streams: where the subtitles are few, reading would else go on to the next one, be it at the file's end.
                Arguments =
                [
                    "-v", "error", .. FfmpegGuard.InputOf(path), "-show_entries", "packet=stream_index,pts_time", "-of", "csv=p=0",
                    "-read_intervals", string.Create(CultureInfo.InvariantCulture, $"{from:0.###}%{start:0.###}"), FfmpegGuard.Source(path),
                ],
                Proxy = FfmpegGuard.ProxyOf(path),
                WorkingFolder = Path.GetTempPath(),
                Limits = Limits,
                ReadsOutput = true,
            },
            ct);
        var lines = await child.ReadOutputAsync(MostBytes, ct);
        var exit = await child.Completion;
        ct.ThrowIfCancellationRequested();
        if (lines is null || !exit.IsSuccess)
        {
            return LongestSeconds; // Nobody knows where they begin: they are looked for as far back as they may be.
        }

        var times = TimesOf(System.Text.Encoding.ASCII.GetString(lines), subtitle).Where(t => t <= start).Order().ToList();
        return times.Count == 0 ? 0 : start - times[^Math.Min(times.Count, Packets)] + Before;
    }

    private static IEnumerable<double> TimesOf(string lines, int stream)
    {
        foreach (var fields in lines.Split('\n').Select(l => l.Split(',')))
        {
            if (fields.Length >= 2 && int.TryParse(fields[0], CultureInfo.InvariantCulture, out var index) && index == stream
                && double.TryParse(fields[1], CultureInfo.InvariantCulture, out var time))
            {
                yield return time;
            }
        }
    }
}
