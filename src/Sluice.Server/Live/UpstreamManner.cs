using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>How a channel asks its upstream.</summary>
internal sealed record UpstreamManner
{
    /// <summary>Largest segment, in bytes: a minute of 13 Mbit/s.</summary>
    public const long MostSegmentBytes = 100 << 20;

    /// <summary>Largest key; one has 16 bytes.</summary>
    public const long MostKeyBytes = 1024;

    /// <summary>Largest init segment that is kept.</summary>
    public const long MostMapBytes = 1 << 20;

    /// <summary>What is said to be longer than that is not waited for accordingly.</summary>
    private static readonly TimeSpan LongestShown = TimeSpan.FromMinutes(2);

    /// <summary>Whom requests come from when nobody says otherwise.</summary>
    public const string OwnName = "Sluice";

    /// <summary>Whom requests come from.</summary>
    public string UserAgent { get; init; } = OwnName;

    /// <summary>Further headers. <c>Authorization</c> and <c>Cookie</c> go to <see cref="Origin"/> only, others to whatever server a playlist names.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The URL that the operator wrote or a resolver answered, whose server secret headers are for; null keeps them from all.</summary>
    public OutboundUrl? Origin { get; init; }

    /// <summary>Patience with the header of an answer, and with each pause in its body.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a segment is asked for that does not come: after that it has left the playlist.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(18);

    /// <summary>What is wanted of a multivariant playlist.</summary>
    public VariantPolicy Policy { get; init; } = new();

    /// <summary>How long the other side may take for all of something that is shown for so long: whoever sends a third as fast as it is watched is of no use,
    /// also for what stays in its playlist for good.</summary>
    public TimeSpan Limit(TimeSpan shown) => TimeSpan.FromTicks(Math.Max(Math.Max(Timeout.Ticks, 2 * Patience.Ticks), SlowestOf(shown)));

    /// <summary>A request for all of something.</summary>
    public OutboundRequest Request(OutboundUrl url, long mostBytes) => new(url)
    {
        UserAgent = UserAgent,
        Headers = Origin?.IsOriginOf(url) is true ? Headers : [.. Headers.Where(static h => !IsSecret(h.Key))],
        Limits = new OutboundLimits { MaxBytes = mostBytes, Header = Timeout, Idle = Timeout },
    };

    private static long SlowestOf(TimeSpan shown) => 3 * Math.Min(shown.Ticks, LongestShown.Ticks);

    private static bool IsSecret(string header) =>
        header.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || header.Equals("Cookie", StringComparison.OrdinalIgnoreCase);
}
