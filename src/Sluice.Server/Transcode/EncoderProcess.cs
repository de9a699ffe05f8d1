using Sluice.Server.Hosting;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>Starts ffmpeg for a run, under guard.</summary>
internal sealed class EncoderProcess(FfmpegTools tools, SluiceOptions options)
{
    /// <summary>Behind everything that viewers wait for.</summary>
    private const int BackgroundNice = 15;

    /// <summary>A run of a few minutes of 4K takes less than this on the slowest machine that makes sense.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromHours(12);

    /// <summary>The process that makes a run from the title's source.</summary>
    public Task<ChildProcess> StartAsync(
        string inputPath, EncodePlan plan, RunSpan span, double preRollSeconds, bool inBackground, CancellationToken ct) => StartAsync(
            [.. FfmpegGuard.Input, .. RunArguments.Of(inputPath, plan, span, options.Transcode.Threads, preRollSeconds)], inBackground, ct);

    /// <summary>The process that makes a black and silent run.</summary>
    public Task<ChildProcess> StartPlaceholderAsync(
        EncodePlan plan, RunSpan span, int frameCount, bool inBackground, CancellationToken ct) =>
        StartAsync(RunArguments.OfPlaceholder(plan, span, frameCount, options.Transcode.Threads), inBackground, ct);

    private Task<ChildProcess> StartAsync(IReadOnlyList<string> arguments, bool inBackground, CancellationToken ct) => ChildProcess.StartAsync(
        new ChildCommand
        {
            Program = tools.Program ?? "ffmpeg",
            Arguments = [.. FfmpegGuard.Global, .. arguments],
            WorkingFolder = Path.GetTempPath(),
            ReadsOutput = true,
            Limits = new ChildLimits
            {
                MemoryBytes = options.Transcode.MemoryBytes,
                WallTime = LongestRun,
                Silence = TimeSpan.FromSeconds(options.Transcode.SilenceSeconds),
                Nice = inBackground ? BackgroundNice : 0,
            },
        },
        ct);
}
