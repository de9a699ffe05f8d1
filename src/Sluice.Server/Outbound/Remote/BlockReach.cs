namespace Sluice.Server.Outbound.Remote;

/// <summary>How many blocks one request is for.</summary>
/// <param name="blocks">Blocks of the object.</param>
/// <param name="isWhole">It is read in all places at once, so all of it is fetched.</param>
/// <param name="isHere">Whether a block is kept.</param>
/// <param name="isKnown">Whether a block is kept, or on its way.</param>
internal sealed class BlockReach(long blocks, bool isWhole, Func<long, bool> isHere, Func<long, bool> isKnown)
{
    /// <summary>Blocks of one request that nobody asked for by name: 4 MiB.</summary>
    private const int MostAhead = 16;

    /// <summary>Blocks that are fetched together when somebody knows that they are wanted: 64 MiB, a long segment of a large picture.</summary>
    private const int MostTogether = 256;

    /// <summary>The run of a block that is not here: as many more as are here directly before, for who reads on and on wants more; all that are missing around
    /// it of what is fetched whole.</summary>
    public (long First, long End) Of(long block)
    {
        var before = 1;
        while (!isWhole && before < MostAhead && isHere(block - before))
        {
            before++;
        }

        var (first, end, most) = (block, block + 1, isWhole ? blocks : Math.Min(blocks, block + before));
        while (isWhole && first > 0 && !isKnown(first - 1))
        {
            first--;
        }

        while (end < most && !isKnown(end))
        {
            end++;
        }

        return (first, end);
    }

    /// <summary>The run of all that is missing of these blocks; empty when nothing is.</summary>
    public (long First, long End) Of(long first, long last)
    {
        var end = Math.Min(last + 1, first + MostTogether);
        while (first < end && isKnown(first))
        {
            first++;
        }

        while (first < end && isKnown(end - 1))
        {
            end--;
        }

        return (first, end);
    }
}
