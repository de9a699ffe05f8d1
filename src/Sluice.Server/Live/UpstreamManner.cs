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

    /// <summary>Whom requests come from.</summary>
    public string UserAgent { get; init; } = "Sluice";

    /// <summary>Further headers; they may hold secrets.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Patience with the header of an answer, and with each pause in its body.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a segment is asked for that does not come: after that it has left the playlist.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(18);

    /// <summary>What is wanted of a multivariant playlist.</summary>
    public VariantPolicy Policy { get; init; } = new();

    /// <summary>A request for all of something.</summary>
    public OutboundRequest Request(OutboundUrl url, long mostBytes) => new(url)
    {
        UserAgent = UserAgent,
        Headers = Headers,
        Limits = new OutboundLimits { MaxBytes = mostBytes, Header = Timeout, Idle = Timeout },
    };
}
