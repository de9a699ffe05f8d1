using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>What is to be repackaged.</summary>
/// <param name="Source">Path of the file.</param>
/// <param name="Target">Path of the MP4.</param>
/// <param name="Streams">Streams, in the order of the tracks; those that are not copied become AAC.</param>
/// <param name="Seconds">Length of the source.</param>
internal sealed record RemuxOrder(string Source, string Target, IReadOnlyList<(StreamFacts Stream, bool IsCopied)> Streams, double Seconds)
{
    /// <summary>Second of the source that is to be time zero of the MP4, to less than a tick of any track, and no time is mended on the way: so that
    /// the streams go with what was encoded of the same source. Null leaves it to ffmpeg.</summary>
    public double? ZeroSeconds { get; init; }
}

/// <summary>Repackages streams of a source into an MP4: ffmpeg, once over the whole file, without encoding.</summary>
internal sealed class RemuxProcess(IObjectStore store, FfmpegTools tools, RightOfWay way, ProgressBoard progress, SluiceOptions options, TimeProvider clock)
{
    /// <summary>Behind everything that viewers wait for.</summary>
    private const int BackgroundNice = 15;

    /// <summary>Ticks in a second of edit lists: a sound that begins later does so to 11 µs, not to a millisecond.</summary>
    private const string MovieTimescale = "90000";

    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestTime = TimeSpan.FromHours(6);

    /// <summary>Runs it, and reports its progress.</summary>
    /// <returns>How ffmpeg ended, and its own last words.</returns>
    public async Task<(ChildExit Exit, string Words)> RunAsync(WorkTask task, RemuxOrder order, CancellationToken ct)
    {
        var done = new FfmpegProgress();
        await using var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = tools.Program ?? "ffmpeg",
                Arguments = Arguments(order),
                WorkingFolder = Path.GetDirectoryName(order.Target)!,
                Limits = new ChildLimits
                {
                    MemoryBytes = options.Transcode.MemoryBytes,
                    WallTime = LongestTime,
                    Silence = TimeSpan.FromSeconds(options.Transcode.SilenceSeconds),
                    FileBytes = Math.Max(1, store.FreeBytes),
                    Nice = task.Urgency == Urgency.Background ? BackgroundNice : 0,
                },
                TakesLine = done.Take,
            },
            ct);
        using var turn = task.Urgency == Urgency.Background ? way.Yield(child) : null;
        while (await Task.WhenAny(child.Completion, Task.Delay(BetweenReports, clock, ct)) != child.Completion)
        {
            await progress.ReportAsync(task.JobId, done.Seconds / Math.Max(1, order.Seconds), null, null, ct);
        }

        var exit = await child.Completion;
        ct.ThrowIfCancellationRequested();
        return (exit, child.ErrorTail);
    }

    private static List<string> Arguments(RemuxOrder order)
    {
        List<string> arguments = [.. FfmpegGuard.Global, "-fflags", "+genpts", .. FfmpegGuard.Input];
        if (order.ZeroSeconds is { } zero)
        {
            arguments.AddRange(["-copyts", .. RunArguments.FromZero(zero)]);
        }

        arguments.AddRange(["-i", FfmpegGuard.File(order.Source), "-map_chapters", "-1", "-progress", "pipe:2"]);
        foreach (var (output, (stream, isCopied)) in order.Streams.Index())
        {
            arguments.AddRange(["-map", Text($"0:{stream.Index}"), Text($"-c:{output}"), isCopied ? "copy" : "aac"]);
            if (stream.Codec == "hevc")
            {
                arguments.AddRange([Text($"-tag:{output}"), "hvc1"]); // Parameter sets in the header: the only form that Apple's players take.
            }
        }

        if (order.ZeroSeconds is not null)
        {
            arguments.AddRange(["-movie_timescale", MovieTimescale]);
        }

        arguments.AddRange(["-strict", "-2", "-f", "mp4", "-y", FfmpegGuard.File(order.Target)]);
        return arguments;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
