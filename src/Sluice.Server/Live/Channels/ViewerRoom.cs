using Sluice.Server.Hosting;

namespace Sluice.Server.Live.Channels;

/// <summary>
/// How many may watch all channels together, and the door through which all of them come: one at a time, so that no two take the last place.
/// </summary>
/// <param name="most">So many; null for any number.</param>
/// <param name="watching">How many there are. Asks every channel, so whoever asks may hold the lock of none.</param>
internal sealed class ViewerRoom(int? most, Func<int> watching)
{
    private readonly Lock _door = new();

    /// <summary>Stands in the door until it is disposed of: nobody else comes in meanwhile. Taken before any lock of a channel.</summary>
    public Lock.Scope Enter() => _door.EnterScope();

    /// <summary>There is a place for one more.</summary>
    /// <exception cref="ChannelException">There is none (503).</exception>
    public void Check()
    {
        if (most is { } limit && watching() is var all && all >= limit)
        {
            throw new ChannelException(ErrorCode.ChannelFull, $"All channels together have {all} of {limit} viewers.");
        }
    }
}
