using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Server.Catalog;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>How one encoder process ended.</summary>
/// <param name="Problem">Why it did not make all that it was to make, in words for a person; null when it did, or when
/// all the rest exists already.</param>
/// <param name="Log">The encoder's own last words; null when there is no problem.</param>
/// <param name="IsFromOutside">The problem came from outside, such as a machine without memory: it says nothing about the source.</param>
internal sealed record RunOutcome(string? Problem, string? Log, bool IsFromOutside = false)
{
    public static RunOutcome Good { get; } = new(null, null);
}

/// <summary>
/// One encoder process and what becomes of its output.
/// <code>
///   ffmpeg ─► pipe ─► FragmentFeed ─► a ChunkAssembler per rendition ─► publisher
/// </code>
/// At most one chunk of each rendition is in memory; the encoder waits while a chunk is being stored.
/// </summary>
internal static class ChunkRun
{
    private const int PipeBytes = 64 * 1024;

    /// <summary>Reads the process's output to its end.</summary>
    /// <param name="encoder">The process; it is ended when this returns.</param>
    /// <param name="assemblers">One for each of its tracks, in order.</param>
    /// <param name="publish">Takes each finished chunk.</param>
    /// <param name="isNeeded">Asked after each chunk whether the next ones are still to be made.</param>
    /// <param name="ct">Ends the process.</param>
    public static async Task<RunOutcome> ReadAsync(
        ChildProcess encoder,
        IReadOnlyList<ChunkAssembler> assemblers,
        Func<FinishedChunk, CancellationToken, Task> publish,
        Func<bool> isNeeded,
        CancellationToken ct)
    {
        var feed = new FragmentFeed();
        var buffer = new byte[PipeBytes];
        var isChecked = false;
        while (await encoder.Output.ReadAsync(buffer, ct) is > 0 and var read)
        {
            feed.Append(buffer.AsSpan(0, read));
            if (feed.Problem is { } damage)
            {
                return new RunOutcome($"the encoder's output is damaged: {damage}", encoder.ErrorTail);
            }

            if (!isChecked && feed.Tracks is { } tracks)
            {
                isChecked = true;
                if (Check(tracks, assemblers) is { } mismatch)
                {
                    return new RunOutcome(mismatch, encoder.ErrorTail);
                }
            }

            while (feed.TryRead(out var sample))
            {
                var assembler = assemblers[(int)sample.TrackId - 1];
                if (assembler.Add(sample) is not { } chunk)
                {
                    if (assembler.Problem is { } problem)
                    {
                        return new RunOutcome(problem, encoder.ErrorTail);
                    }

                    continue;
                }

                await publish(chunk, ct);
                if (!isNeeded())
                {
                    return RunOutcome.Good;
                }
            }
        }

        var exit = await encoder.Completion;
        ct.ThrowIfCancellationRequested();
        if (assemblers.All(a => a.IsComplete))
        {
            return RunOutcome.Good;
        }

        var words = encoder.ErrorTail;
        return FfmpegFailure.FromOutside(exit, words) is { } outside
            ? new RunOutcome(outside, words, IsFromOutside: true)
            : new RunOutcome(exit.IsSuccess ? Missing(assemblers) : $"ffmpeg {exit}", words);
    }

    private static string? Check(IReadOnlyList<MovieTrack> tracks, IReadOnlyList<ChunkAssembler> assemblers)
    {
        if (tracks.Count != assemblers.Count)
        {
            return $"the encoder made {tracks.Count} tracks instead of {assemblers.Count}";
        }

        for (var i = 0; i < tracks.Count; i++)
        {
            if (assemblers[i].WhyUnfit(tracks[i]) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private static string Missing(IReadOnlyList<ChunkAssembler> assemblers)
    {
        var behind = assemblers.First(a => !a.IsComplete);
        return $"the encoder ended in chunk {behind.NextNumber} of {behind.Rendition}, {behind.MissingFrames} frames too early";
    }
}
