using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>Where the segments of the track that leads begin, but for its first. They may become more while the track's file arrives.</summary>
/// <param name="timescale">Ticks in a second of that track.</param>
internal sealed class LeadingCuts(uint timescale)
{
    private readonly List<long> _starts = [];

    /// <summary>No track leads.</summary>
    public static LeadingCuts None { get; } = new(1) { IsComplete = true };

    /// <summary>How many are known.</summary>
    public int Count => _starts.Count;

    /// <summary>There will be no more.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Those of a track that is compiled.</summary>
    public static LeadingCuts Of(IReadOnlyList<SegmentTiming> segments, uint timescale)
    {
        var cuts = new LeadingCuts(timescale) { IsComplete = true };
        cuts._starts.AddRange(segments.Skip(1).Select(static s => s.StartTicks));
        return cuts;
    }

    /// <summary>A segment begins; later than all before.</summary>
    public void Add(long startTicks) => _starts.Add(startTicks);

    /// <summary>The last segment has begun.</summary>
    public void Complete() => IsComplete = true;

    /// <summary>Cut <paramref name="index"/>, from 0, in ticks of another track.</summary>
    public long At(int index, uint followerTimescale) => Ticks.Rescale(_starts[index], timescale, followerTimescale);
}
