namespace Sluice.Bench;

/// <summary>Both servers under the same load in turn, so that what else the machine does falls on both alike.</summary>
internal sealed class Duel(Load load, SluiceServer sluice, NginxServer nginx)
{
    private const int Pairs = 7;
    private const int Seconds = 4;

    /// <summary>Runs pairs A B, B A, … of the same paths; the result is of medians, the ratio the median of the pairs' ratios.</summary>
    /// <param name="paths">Paths with queries, the same for both.</param>
    /// <param name="rate">What is compared.</param>
    public async Task<DuelResult> RunAsync(IReadOnlyList<string> paths, Func<LoadResult, double> rate)
    {
        await OursAsync(paths, 3);
        await TheirsAsync(paths, 1);
        List<LoadResult> ours = [], theirs = [];
        for (var pair = 0; pair < Pairs; pair++)
        {
            if (pair % 2 == 0)
            {
                ours.Add(await OursAsync(paths, Seconds));
                theirs.Add(await TheirsAsync(paths, Seconds));
            }
            else
            {
                theirs.Add(await TheirsAsync(paths, Seconds));
                ours.Add(await OursAsync(paths, Seconds));
            }
        }

        return new DuelResult(ours, theirs, [.. ours.Zip(theirs, (a, b) => rate(a) / rate(b))]);
    }

    private Task<LoadResult> OursAsync(IReadOnlyList<string> paths, int seconds) =>
        load.RunAsync(sluice.Http.BaseAddress!, sluice.Pid, paths, seconds);

    private Task<LoadResult> TheirsAsync(IReadOnlyList<string> paths, int seconds) =>
        load.RunAsync(nginx.Address, nginx.Pid, paths, seconds);
}

/// <summary>All runs of a duel.</summary>
internal sealed record DuelResult(IReadOnlyList<LoadResult> Ours, IReadOnlyList<LoadResult> Theirs, IReadOnlyList<double> Ratios)
{
    /// <summary>Median of the pairs' ratios, ours to theirs.</summary>
    public double Ratio => Ratios.Median();

    /// <summary>Answers that were no success, on both sides.</summary>
    public double Failures => Ours.Concat(Theirs).Sum(r => r.Failures);
}
