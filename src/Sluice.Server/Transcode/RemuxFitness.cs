using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Package;
using Sluice.Server.Package.Arriving;
using Sluice.Server.Probe;

namespace Sluice.Server.Transcode;

/// <summary>What is repackaged of a source, and whether what came of it is as good as the source.</summary>
internal static class RemuxFitness
{
    /// <summary>What containers differ by in their idea of when the last frame ends, and more.</summary>
    private const double LengthSlackSeconds = 1;

    /// <summary>Streams that a verdict has copied.</summary>
    public static IReadOnlyList<RemuxedStream> StreamsOf(SourceVerdict verdict) =>
        [.. verdict.Remuxed.Select(t => new RemuxedStream(t.Stream!.Index, t.Stream.Codec))];

    /// <summary>Why what was made is of no use, in words for a person; null when it is fine.</summary>
    /// <param name="made">What packaging made of the repackaged file.</param>
    /// <param name="facts">The source.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="reader">Measures it once more when its length is in doubt.</param>
    /// <param name="ct">Ends that.</param>
    public static async Task<string?> WhyUselessAsync(PackageResult made, SourceFacts facts, string path, SourceReader reader, CancellationToken ct)
    {
        var problem = WhyUseless(made, facts);
        if (problem is null || made.State != AssetState.Ready || !ContainerNames.MayJump(facts.Format))
        {
            return problem;
        }

        // Of joined recordings the end tells the time of the last one's clock. A pass over the whole takes a while, so only who is in doubt asks for it.
        return (await reader.ReadAllAsync(path, ct)).Facts is { IsMeasured: true } whole ? WhyUseless(made, whole) : problem;
    }

    private static string? WhyUseless(PackageResult made, SourceFacts facts)
    {
        if (made is not { State: AssetState.Ready, RefusedReason: null })
        {
            return $"what repackaging made of it is of no use: {made.RefusedReason ?? made.Reason}";
        }

        // The longest stream, or from the first start to the last end, when one begins later than the other.
        double[] lengths = [facts.DurationSeconds, facts.Copied.Max(s => s.EndSeconds - s.StartSeconds) ?? facts.DurationSeconds];
        return !facts.IsMeasured || Array.Exists(lengths, l => Math.Abs(l - made.DurationSeconds) <= LengthSlackSeconds)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture, $"repackaging made {made.DurationSeconds:0.#} of its {facts.DurationSeconds:0.#} seconds");
    }
}
