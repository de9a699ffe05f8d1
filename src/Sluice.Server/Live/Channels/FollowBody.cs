using Sluice.Server.Outbound;

namespace Sluice.Server.Live.Channels;

/// <summary>
/// Follows a URL that is no playlist but one body, be it without an end, and puts it into the sinks as MPEG-TS. Ends as any upstream does, and throws for
/// nothing but the token.
/// </summary>
internal delegate Task<UpstreamEnd> FollowBody(
    OutboundUrl url, UpstreamManner manner, OutboundFetcher outbound, ISegmentSinks sinks, IUpstreamWatch watch, CancellationToken ct);
