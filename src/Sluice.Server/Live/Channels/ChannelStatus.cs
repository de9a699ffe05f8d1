using Sluice.Media.Hls;

namespace Sluice.Server.Live.Channels;

/// <summary>How a channel is, at one moment.</summary>
internal sealed record ChannelStatus
{
    /// <summary>Where it is in its life.</summary>
    public required ChannelState State { get; init; }

    /// <summary>Why, in words for a person; null when there is nothing to say.</summary>
    public required string? Reason { get; init; }

    /// <summary>When it got there.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>What is being followed; null when nothing is.</summary>
    public required UpstreamInUse? Upstream { get; init; }

    /// <summary>The last change of upstream; null when there was none.</summary>
    public required UpstreamSwitch? LastSwitch { get; init; }

    /// <summary>Who watches.</summary>
    public required ViewerCounts Viewers { get; init; }

    /// <summary>Bits per second that came, mean of the last five seconds.</summary>
    public required long BitsPerSecondIn { get; init; }

    /// <summary>Bits per second that were sent to all viewers together, likewise.</summary>
    public required long BitsPerSecondOut { get; init; }

    /// <summary>What is held.</summary>
    public required LogDepth Log { get; init; }

    /// <summary>From the request of a segment to its first byte, over the last hundred segments; null before the first.</summary>
    public required FetchLatency? Latency { get; init; }

    /// <summary>Since the channel was made; indexed by <see cref="ChannelCounter"/>.</summary>
    public required IReadOnlyDictionary<ChannelCounter, long> Counters { get; init; }
}

/// <summary>The upstream that is being followed.</summary>
/// <param name="Index">Which of the channel's URLs, from 0.</param>
/// <param name="Url">Its media playlist, without secrets.</param>
/// <param name="Variant">Which variant; null when the URL was a media playlist.</param>
/// <param name="Kind"><c>ts</c> or <c>fmp4</c>; null until the first bytes are there.</param>
internal sealed record UpstreamInUse(int Index, string Url, HlsVariant? Variant, string? Kind);

/// <summary>A change from one upstream to another.</summary>
/// <param name="At">When.</param>
/// <param name="Reason">Why the first was left.</param>
/// <param name="From">The first, without secrets.</param>
/// <param name="To">The other, without secrets.</param>
internal sealed record UpstreamSwitch(DateTimeOffset At, string Reason, string From, string To);

/// <summary>Who watches.</summary>
/// <param name="Endless">Bodies that do not end.</param>
/// <param name="Hls">HLS players that were heard of lately.</param>
/// <param name="Recording">Recordings.</param>
internal readonly record struct ViewerCounts(int Endless, int Hls, int Recording)
{
    /// <summary>All of them.</summary>
    public int Total => Endless + Hls + Recording;

    /// <summary>People: what limits on viewers count.</summary>
    public int Watching => Endless + Hls;
}

/// <summary>What a log holds.</summary>
/// <param name="Bytes">Memory that it takes, what is on its way included.</param>
/// <param name="BudgetBytes">Memory that it may take.</param>
/// <param name="Length">Of what can be played.</param>
/// <param name="Segments">That are there, the one that is being written included.</param>
internal sealed record LogDepth(long Bytes, long BudgetBytes, TimeSpan Length, int Segments);

/// <summary>How long segments take to begin.</summary>
/// <param name="Last">The last one.</param>
/// <param name="Median">Half of them were quicker.</param>
/// <param name="P95">All but one in twenty were quicker.</param>
internal sealed record FetchLatency(TimeSpan Last, TimeSpan Median, TimeSpan P95);
