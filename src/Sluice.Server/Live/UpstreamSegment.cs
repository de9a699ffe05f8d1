using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>A segment that is due, in the order in which it goes into the log.</summary>
/// <param name="Segment">As the playlist has it.</param>
/// <param name="IsBreak">It does not go on where the one before ended: it says so, or something is missing between them.</param>
internal sealed record UpstreamSegment(HlsSegment Segment, bool IsBreak)
{
    /// <summary>Where its playlist came from: addresses in it are relative to that. Null stands for where the playlist is now.</summary>
    public OutboundUrl? Base { get; init; }
}

/// <summary>What a load of a playlist brought.</summary>
/// <param name="Segments">New ones, in order.</param>
/// <param name="Wait">When to load again, counted from the start of this load (RFC 8216 section 6.3.4).</param>
/// <param name="IsOver">No more will come.</param>
internal sealed record PlaylistNews(IReadOnlyList<UpstreamSegment> Segments, TimeSpan Wait, bool IsOver);
