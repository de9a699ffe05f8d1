using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>What a trial found.</summary>
/// <param name="Problem">Why it failed; null otherwise.</param>
/// <param name="Tracks">Rungs, then sounds, in the plan's order.</param>
/// <param name="DelayTicks">By how much the encoder decodes the first frame before it is shown.</param>
/// <param name="HeldFrames">The same in frames.</param>
internal sealed record TrialResult(string? Problem, IReadOnlyList<SampleDescription> Tracks, long DelayTicks, int HeldFrames);

/// <summary>
/// Encodes the first frames of a title as its chunks will be: init segments and codec strings are then known for certain,
/// and so is that ffmpeg can decode the source and has the encoder.
/// </summary>
internal sealed class EncoderTrial(EncoderProcess encoder)
{
    /// <summary>As many as encoders hold back to reorder them, and some more: their delay shows only then.</summary>
    private const int Frames = 4;

    /// <summary>Runs the trial; once more, with less memory, when something outside ended it.</summary>
    public async Task<TrialResult> RunAsync(string inputPath, EncodePlan plan, CancellationToken ct) =>
        await TryAsync(inputPath, plan, default, ct) ?? await TryAsync(inputPath, plan, new Reading(0, IsSparing: true), ct)
        ?? new TrialResult("ffmpeg was ended from outside when it began, twice: most likely the machine has no memory left", [], 0, 0);

    private async Task<TrialResult?> TryAsync(string inputPath, EncodePlan plan, Reading reading, CancellationToken ct)
    {
        // Frames of a copied track are no grid: half a second of them.
        var video = plan.Video is null ? null
            : new VideoSpan(plan.Video.Rungs, [0, plan.Video.Follows is null ? Frames : plan.Video.Timescale / 2]);
        var audio = plan.Audio.Select(a => new AudioSpan(a, [-1, 4])).ToList();
        var feed = new FragmentFeed();
        var delays = new Dictionary<uint, long>();
        var shown = new List<long>(); // When the frames of the first rung are shown.
        await using var process = await encoder.StartAsync(inputPath, plan, new RunSpan(video, audio, 0, 1), reading, inBackground: false, ct);
        var buffer = new byte[64 * 1024];
        while (feed.Problem is null && await process.Output.ReadAsync(buffer, ct) is > 0 and var read)
        {
            feed.Append(buffer.AsSpan(0, read));
            while (feed.TryRead(out var sample))
            {
                delays.TryAdd(sample.TrackId, sample.CompositionOffset);
                if (sample.TrackId == 1 && video is not null)
                {
                    shown.Add(sample.DecodeTicks + sample.CompositionOffset);
                }
            }
        }

        var exit = await process.Completion;
        ct.ThrowIfCancellationRequested();
        if (FfmpegFailure.FromOutside(exit, process.ErrorTail) is not null && exit.Reason != ExitReason.StartFailed)
        {
            return null;
        }

        var outputs = (video?.Rungs.Count ?? 0) + audio.Count;
        if (!exit.IsSuccess || feed.Problem is not null || feed.Tracks?.Count != outputs || delays.Count != outputs)
        {
            return new TrialResult($"ffmpeg cannot encode it: {LastWords(process)}", [], 0, 0);
        }

        var tracks = new List<SampleDescription>();
        foreach (var track in feed.Tracks)
        {
            if (RenditionInit.Describe(track, out var problem) is not { } description)
            {
                return new TrialResult($"ffmpeg's encoder made a track that is of no use: {problem}", [], 0, 0);
            }

            tracks.Add(description);
        }

        var delay = delays.Where(d => d.Key <= (video?.Rungs.Count ?? 0)).Select(d => d.Value).DefaultIfEmpty().Max();
        return new TrialResult(null, tracks, delay, shown.Count == 0 ? 0 : shown.Count(t => t - shown.Min() < delay));
    }

    private static string LastWords(ChildProcess process) =>
        process.ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it said nothing";
}
