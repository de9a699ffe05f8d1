using System.Globalization;
using Sluice.Server.Hosting;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>How an encoder reads its source.</summary>
/// <param name="PreRollSeconds">How long before the run's start it begins.</param>
/// <param name="IsSparing">With as little memory as it can. The encoders' own threads stay as they are, since what they write must
/// not change within a title.</param>
internal readonly record struct Reading(double PreRollSeconds, bool IsSparing = false);

/// <summary>Starts ffmpeg for a run, under guard.</summary>
internal sealed class EncoderProcess(FfmpegTools tools, SluiceOptions options)
{
    /// <summary>Behind everything that viewers wait for.</summary>
    private const int BackgroundNice = 15;

    /// <summary>What it makes goes into a pipe; drivers of graphics cards keep small caches.</summary>
    private const long MostFileBytes = 64L << 20;

    /// <summary>A run of a few minutes of 4K takes less than this on the slowest machine that makes sense.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromHours(12);

    /// <summary>Decoder and filters in so many threads each. One each needs the least memory: a decoder holds some pictures for each of its threads.</summary>
    private static string[] ReadingThreads(int count) =>
        ["-filter_complex_threads", count.ToString(CultureInfo.InvariantCulture), "-threads", count.ToString(CultureInfo.InvariantCulture)];

    /// <summary>The process that makes a run from the title's source.</summary>
    /// <param name="inputPath">The file that is read, or the address of a relay.</param>
    /// <param name="plan">How.</param>
    /// <param name="span">What.</param>
    /// <param name="reading">How the file is read.</param>
    /// <param name="inBackground">Nobody waits for it.</param>
    /// <param name="ct">Ends the process.</param>
    public Task<ChildProcess> StartAsync(
        string inputPath, EncodePlan plan, RunSpan span, Reading reading, bool inBackground, CancellationToken ct) => StartAsync(
            [
                .. reading.IsSparing ? ReadingThreads(1) : options.Transcode.Threads > 0 ? ReadingThreads(options.Transcode.Threads) : [],
                .. FfmpegGuard.InputOf(inputPath),
                .. RunArguments.Of(inputPath, plan, span, options.Transcode.Threads, reading.PreRollSeconds),
            ],
            FfmpegGuard.ProxyOf(inputPath), inBackground, ct);

    /// <summary>The process that makes a black and silent run.</summary>
    public Task<ChildProcess> StartPlaceholderAsync(
        EncodePlan plan, RunSpan span, int frameCount, bool inBackground, CancellationToken ct) =>
        StartAsync(RunArguments.OfPlaceholder(plan, span, frameCount, options.Transcode.Threads), null, inBackground, ct);

    private Task<ChildProcess> StartAsync(IReadOnlyList<string> arguments, string? proxy, bool inBackground, CancellationToken ct) => ChildProcess.StartAsync(
        new ChildCommand
        {
            Program = tools.Program ?? "ffmpeg",
            Arguments = [.. FfmpegGuard.Global, .. arguments],
            Proxy = proxy,
            WorkingFolder = Path.GetTempPath(),
            ReadsOutput = true,
            Limits = new ChildLimits
            {
                MemoryBytes = options.Transcode.MemoryBytes,
                FileBytes = MostFileBytes,
                WallTime = LongestRun,
                Silence = TimeSpan.FromSeconds(options.Transcode.SilenceSeconds),
                Nice = inBackground ? BackgroundNice : 0,
            },
        },
        ct);
}
