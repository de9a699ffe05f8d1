using Sluice.Server.Hosting;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>Starts ffmpeg for a run, under guard.</summary>
internal sealed class EncoderProcess(Ffmpeg ffmpeg, SluiceOptions options)
{
    /// <summary>Behind everything that viewers wait for.</summary>
    private const int BackgroundNice = 15;

    /// <summary>A run of a minute of 4K takes less than this on the slowest machine that makes sense.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromHours(12);

    /// <summary>The process that makes a run from the title's source.</summary>
    public ChildProcess Start(string inputPath, EncodePlan plan, RunSpan span, double preRollSeconds, bool inBackground) => Start(
        [.. ffmpeg.InputGuard, .. RunArguments.Of(inputPath, plan, span, options.Transcode.Threads, preRollSeconds)], inBackground);

    /// <summary>The process that makes a black and silent run.</summary>
    public ChildProcess StartPlaceholder(EncodePlan plan, RunSpan span, int frameCount, bool inBackground) =>
        Start(RunArguments.OfPlaceholder(plan, span, frameCount, options.Transcode.Threads), inBackground);

    private ChildProcess Start(IReadOnlyList<string> arguments, bool inBackground) => ffmpeg.Start(arguments, new ChildLimits
    {
        MemoryBytes = options.Transcode.MemoryBytes,
        WallTime = LongestRun,
        SilenceTime = TimeSpan.FromSeconds(options.Transcode.SilenceSeconds),
        Nice = inBackground ? BackgroundNice : 0,
    });
}
