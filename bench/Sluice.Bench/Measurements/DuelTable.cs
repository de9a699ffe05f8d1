using System.Globalization;

namespace Sluice.Bench.Measurements;

/// <summary>How a duel is shown.</summary>
internal static class DuelTable
{
    public static string[] Header(string cost) => ["", "MB/s", "requests/s", "p50", "p99", cost, "ratio, all pairs"];

    public static IEnumerable<string[]> Rows(string what, DuelResult result, Func<LoadResult, string> cost)
    {
        var ratios = string.Join(' ', result.Ratios.Order().Select(r => r.ToString("F2", CultureInfo.InvariantCulture)));
        yield return Row($"{what}: Sluice", result.Ours, cost, ratios);
        yield return Row($"{what}: nginx", result.Theirs, cost, "");
    }

    private static string[] Row(string what, IReadOnlyList<LoadResult> runs, Func<LoadResult, string> cost, string ratios) =>
    [
        what,
        Median(runs, r => r.MegabytesPerSecond, "F0"),
        Median(runs, r => r.RequestsPerSecond, "F0"),
        Median(runs, r => r.P50Milliseconds, "F2") + " ms",
        Median(runs, r => r.P99Milliseconds, "F1") + " ms",
        cost(runs.OrderBy(r => r.CpuSeconds / r.Bytes).ElementAt(runs.Count / 2)),
        ratios,
    ];

    private static string Median(IReadOnlyList<LoadResult> runs, Func<LoadResult, double> pick, string format) =>
        runs.Select(pick).Median().ToString(format, CultureInfo.InvariantCulture);
}
