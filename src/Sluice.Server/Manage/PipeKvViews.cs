using Sluice.Server.Store.PipeKv;

namespace Sluice.Server.Manage;

/// <summary>The key-value store as the API shows it.</summary>
/// <param name="Node">Host and port of the node; null when none is configured.</param>
/// <param name="Names">Published playlists.</param>
/// <param name="Problem">Why they are not known; null when they are.</param>
/// <param name="Reads">The last reads, by the node or cache that answered.</param>
internal sealed record PipeKvView(string? Node, IReadOnlyList<string> Names, string? Problem, IReadOnlyList<PipeKvReadsView> Reads);

/// <summary>The last reads that one node answered.</summary>
/// <param name="Node">As it names itself; empty when it does not.</param>
/// <param name="MedianMilliseconds">Until the head of an answer.</param>
/// <param name="P95Milliseconds">So long it took at most, but for the slowest twentieth.</param>
/// <param name="Last">The reads, oldest first.</param>
internal sealed record PipeKvReadsView(string Node, double MedianMilliseconds, double P95Milliseconds, IReadOnlyList<PipeKvReadView> Last)
{
    private const double Median = 0.5;
    private const double P95 = 0.95;

    /// <summary>At least one of them.</summary>
    public static PipeKvReadsView Of(string node, IReadOnlyList<PipeKvRead> reads)
    {
        double[] sorted = [.. reads.Select(static read => read.Took.TotalMilliseconds).Order()];
        return new PipeKvReadsView(node, Rank(sorted, Median), Rank(sorted, P95), [.. reads.Select(static read => new PipeKvReadView(
            read.At, Rounded(read.Took.TotalMilliseconds), read.SaidMilliseconds, read.Cache))]);
    }

    private static double Rank(double[] sorted, double part) => Rounded(sorted[(int)Math.Ceiling(part * sorted.Length) - 1]);

    private static double Rounded(double milliseconds) => Math.Round(milliseconds, 2);
}

/// <summary>One read.</summary>
/// <param name="At">When its answer came.</param>
/// <param name="Milliseconds">From the request to the head of the answer.</param>
/// <param name="SaidMilliseconds">What the node says that it took itself; null when it does not.</param>
/// <param name="Cache">Whether a cache answered, in its own words; null when it does not say.</param>
internal sealed record PipeKvReadView(DateTimeOffset At, double Milliseconds, double? SaidMilliseconds, string? Cache);
