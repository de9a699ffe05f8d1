using System.Threading.Channels;

namespace Sluice.Server.Rooms.Wire;

/// <summary>A member's question for the time.</summary>
/// <param name="Time">Its own time, in milliseconds.</param>
/// <param name="Received">The room's time when it came.</param>
internal readonly record struct Ping(double Time, TimeSpan Received);

/// <summary>
/// What one member is still to be told. Of the state, the people and the pings only the newest counts; lines of chat and errors wait in order, and
/// whoever lets too many of them wait is cut off.
/// <code>
/// Offer… (any thread, never waits) → slots and queue → TakeAsync (the member's one sender)
/// </code>
/// </summary>
internal sealed class Outbox
{
    /// <summary>Lines that may wait.</summary>
    private const int MostWords = 64;

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _words = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private byte[]? _welcome;
    private byte[]? _state;
    private byte[]? _people;
    private Ping? _ping;
    private Farewell? _farewell;

    /// <summary>Whether there is a farewell.</summary>
    public bool IsEnding
    {
        get
        {
            lock (_gate)
            {
                return _farewell is not null;
            }
        }
    }

    /// <summary>Set before anything else: the first message.</summary>
    public void OfferWelcome(byte[] message) => Offer(() => _welcome = message);

    /// <summary>Takes the place of an older state.</summary>
    public void OfferState(byte[] message) => Offer(() => _state = message);

    /// <summary>Takes the place of older people.</summary>
    public void OfferPeople(byte[] message) => Offer(() => _people = message);

    /// <summary>Takes the place of an older ping.</summary>
    public void OfferPing(Ping ping) => Offer(() => _ping = ping);

    /// <summary>Chat or an error.</summary>
    public void OfferWords(byte[] message) => Offer(() =>
    {
        if (_words.Count < MostWords)
        {
            _words.Enqueue(message);
        }
        else
        {
            _farewell ??= Farewell.TooSlow;
        }
    });

    /// <summary>Nothing more comes after what waits; the first farewell counts.</summary>
    public void End(Farewell farewell) => Offer(() => _farewell ??= farewell);

    /// <summary>The next thing to send; waits for it.</summary>
    /// <param name="clock">The room's time when it is sent, for pongs.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <returns>A message, or why nothing more comes.</returns>
    public async ValueTask<(byte[]? Message, Farewell? End)> TakeAsync(SteadyClock clock, CancellationToken ct)
    {
        while (true)
        {
            lock (_gate)
            {
                if (Next(clock) is { } message)
                {
                    return (message, null);
                }

                if (_farewell is not null)
                {
                    return (null, _farewell);
                }
            }

            await _signal.Reader.ReadAsync(ct);
        }
    }

    private byte[]? Next(SteadyClock clock)
    {
        if (Taken(ref _welcome) is { } welcome)
        {
            return welcome;
        }

        if (_farewell == Farewell.TooSlow)
        {
            return null; // What waits would only keep the connection longer.
        }

        if (_ping is { } ping)
        {
            _ping = null;
            return RoomWords.Pong(ping, clock.Now);
        }

        return Taken(ref _state) ?? Taken(ref _people) ?? (_words.TryDequeue(out var words) ? words : null);
    }

    private static byte[]? Taken(ref byte[]? slot)
    {
        var taken = slot;
        slot = null;
        return taken;
    }

    private void Offer(Action put)
    {
        lock (_gate)
        {
            put();
        }

        _signal.Writer.TryWrite(true);
    }
}
