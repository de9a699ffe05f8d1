using Sluice.Server.Hosting;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode.Extras;

/// <summary>How a run of ffmpeg ended.</summary>
/// <param name="Problem">Why it is of no use, in words for a person; null when it ended well.</param>
/// <param name="Log">ffmpeg's own last words when it did not.</param>
/// <param name="Output">What it printed.</param>
internal sealed record ToolResult(string? Problem, string? Log, byte[] Output);

/// <summary>Runs ffmpeg on a source for small things that nobody waits for, under guard.</summary>
internal sealed class ExtrasTool(FfmpegTools tools, RightOfWay way, SluiceOptions options)
{
    /// <summary>Largest file that it may write: more than any picture or subtitle here has.</summary>
    public const int MostFileBytes = 32 << 20;

    private const int BehindAllOthers = 19;
    private const int MostOutputBytes = 1 << 20;
    private const int Threads = 2;

    /// <summary>Runs it to its end.</summary>
    /// <param name="source">Full path of the source.</param>
    /// <param name="folder">Where it writes.</param>
    /// <param name="input">Options of the input.</param>
    /// <param name="output">Everything behind the input; files by their bare names.</param>
    /// <param name="longest">Time until it is ended.</param>
    /// <param name="ct">Ends it too.</param>
    public async Task<ToolResult> RunAsync(
        string source, string folder, IReadOnlyList<string> input, IReadOnlyList<string> output, TimeSpan longest, CancellationToken ct)
    {
        await using var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = tools.Program ?? "",
                Arguments =
                [
                    .. FfmpegGuard.Global, "-loglevel", "error", "-y", "-threads", $"{Threads}", .. FfmpegGuard.Input, .. input, "-i", FfmpegGuard.File(source), .. output,
                ],
                WorkingFolder = folder,
                ReadsOutput = true,
                Limits = new ChildLimits
                {
                    MemoryBytes = options.Transcode.MemoryBytes,
                    FileBytes = MostFileBytes,
                    WallTime = longest,
                    Nice = BehindAllOthers,
                },
            },
            ct);
        using var turn = way.Yield(child);
        var printed = await child.ReadOutputAsync(MostOutputBytes, ct);
        var exit = await child.Completion;
        ct.ThrowIfCancellationRequested();
        return exit.IsSuccess && printed is not null
            ? new ToolResult(null, null, printed)
            : new ToolResult($"ffmpeg {exit}", child.ErrorTail, []);
    }
}
