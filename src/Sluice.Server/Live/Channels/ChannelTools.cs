using Sluice.Server.Live.Relay;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live.Channels;

/// <summary>What channels work with.</summary>
/// <param name="Outbound">Asks upstreams, within what <c>outbound.allow</c> says.</param>
/// <param name="Resolve">Finds the playlists behind pages.</param>
/// <param name="Clock">For everything.</param>
/// <param name="Logger">What an operator is told.</param>
internal sealed record ChannelTools(OutboundFetcher Outbound, ResolveUrl Resolve, TimeProvider Clock, ILogger Logger)
{
    /// <summary>Follows what is no playlist; null where nobody can.</summary>
    public FollowBody? FollowBody { get; init; }

    /// <summary>Whose turn it is to pull a channel; null where this is the only server.</summary>
    public ChannelTurns? Turns { get; init; }

    /// <summary>Most viewers of all channels together; null for any number.</summary>
    public int? MostViewers { get; init; }
}
