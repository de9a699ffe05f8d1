using Sluice.Server.Catalog;
using Sluice.Server.Nodes;

namespace Sluice.Server.Sessions;

/// <summary>A session as one of several servers has it.</summary>
internal sealed class SessionShare
{
    private SessionPlace? _first;

    /// <summary>Of a session that is begun here.</summary>
    public SessionShare()
    {
    }

    /// <summary>Of one that another server had, and that goes on here.</summary>
    /// <param name="hold">That it is this server's.</param>
    /// <param name="first">What it played.</param>
    public SessionShare(Hold hold, SessionPlace? first) => (Hold, _first, Place, IsReturning) = (hold, first, first, true);

    /// <summary>That it is this server's; null until that was said in the catalog.</summary>
    public Hold? Hold { get; set; }

    /// <summary>What it plays, or played last; null while it has not played anywhere.</summary>
    public SessionPlace? Place { get; set; }

    /// <summary>It goes on here after another server had it, and does not play yet: whoever plays it waits.</summary>
    public bool IsReturning { get; set; }

    /// <summary>Another server may take it up: of what the catalog has of it nothing is removed.</summary>
    public bool IsHandedOver { get; set; }

    /// <summary>Another server has it now, and all that the catalog has of it.</summary>
    public bool IsLost { get; set; }

    /// <summary>It has ended, and the catalog could not be told.</summary>
    public bool IsLeft { get; set; }

    /// <summary>Who names its source joins it, on whichever server.</summary>
    public bool IsJoinedBySource { get; init; } = true;

    /// <summary>One note at a time, the newest last.</summary>
    public SemaphoreSlim Notes { get; } = new(1);

    /// <summary>What it played on another server, for the first that it plays here; null for all after that.</summary>
    public SessionPlace? TakeFirst() => Interlocked.Exchange(ref _first, null);
}

/// <summary>What a session played under, so that links to it stay good.</summary>
/// <param name="Id">The asset, or the channel's name.</param>
/// <param name="Film">See <see cref="OpenedSource.Film"/>.</param>
/// <param name="Epoch">Of the asset's tokens.</param>
/// <param name="IsChannel">It is a channel, and no asset.</param>
internal sealed record SessionPlace(string Id, string Film, int Epoch, bool IsChannel);
