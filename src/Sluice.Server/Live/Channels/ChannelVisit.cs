namespace Sluice.Server.Live.Channels;

/// <summary>How a viewer takes a channel.</summary>
internal enum VisitKind
{
    /// <summary>One body that does not end.</summary>
    Endless,

    /// <summary>One request of an HLS player; between two of them it is remembered by <see cref="Channel.Touch"/>.</summary>
    Hls,

    /// <summary>Written down.</summary>
    Recording,

    /// <summary>Another node of this installation, for its own viewers. It begins nothing: it has asked whose the channel is.</summary>
    Node,
}

/// <summary>A viewer of a channel. As long as there is one, the upstream is kept.</summary>
internal sealed class ChannelVisit : IDisposable
{
    private readonly Channel _channel;
    private readonly VisitKind _kind;
    private readonly string? _player;
    private bool _isOver;

    internal ChannelVisit(Channel channel, VisitKind kind, string? player, LiveFeed feed) => (_channel, _kind, _player, Feed) = (channel, kind, player, feed);

    /// <summary>What there is to see.</summary>
    public LiveFeed Feed { get; }

    /// <summary>So many bytes were sent to it.</summary>
    public void Sent(long bytes) => _channel.Meter.SentBytes(bytes);

    /// <summary>It was so slow that it had to skip to the newest point.</summary>
    public void Skipped() => _channel.Meter.Add(ChannelCounter.Skips);

    /// <summary>It was so slow that it was sent away.</summary>
    public void Dropped() => _channel.Meter.Add(ChannelCounter.Drops);

    /// <summary>It has gone.</summary>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isOver, true))
        {
            _channel.Leave(_kind, _player);
        }
    }
}
