using Sluice.Server.Nodes;

namespace Sluice.Server.Rooms;

/// <summary>
/// Which of several nodes has a room: the one to which somebody came first, by lease, for as long as there is the room. All others pass WebSockets on to it. The room of
/// a session is where the session is, and needs no turn.
/// <code>
///   come in ──▶ held here? ── yes ──▶ a stay
///                 └─ no ──▶ <see cref="Turns"/>: another node's, and answered there · nobody's: taken ──▶ a stay
///   last stay over, and the room forgotten ──▶ given back           lease lost ──▶ all are cut off, and come again
/// </code>
/// </summary>
internal sealed partial class RoomTurns : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RoomKey, Held> _held = [];
    private readonly SemaphoreSlim _one = new(1); // Of taking and giving back: both are of one name.
    private readonly Turns _turns;
    private readonly RoomDirectory _rooms;
    private readonly ILogger<RoomTurns> _logger;
    private readonly CancellationToken _stopping;

    public RoomTurns(Turns turns, RoomDirectory rooms, IHostApplicationLifetime lifetime, ILogger<RoomTurns> logger)
    {
        (_turns, _rooms, _logger, _stopping) = (turns, rooms, logger, lifetime.ApplicationStopping);
        rooms.Forgotten += key => _ = GiveBackAsync(key);
        _stopping.Register(() => _ = GiveBackAllAsync());
    }

    /// <summary>A stay in a room of this node; null when another one has it, and has answered.</summary>
    public async Task<RoomStay?> EnterAsync(HttpContext context, RoomKey key)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_held.TryGetValue(key, out var held))
                {
                    held.Stays++;
                    return new RoomStay(() => Leave(key, held), held.Hold.Lost);
                }
            }

            if (await _turns.PassAsync(context, NameOf(key), ct => TakeAsync(key, ct)))
            {
                return null;
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Held[] all;
        lock (_gate)
        {
            all = [.. _held.Values];
            _held.Clear();
        }

        foreach (var held in all)
        {
            await held.Hold.DisposeAsync();
        }

        _one.Dispose();
    }

    private static string NameOf(RoomKey key) => $"room {key}";

    private async Task<Taking> TakeAsync(RoomKey key, CancellationToken ct)
    {
        if (_stopping.IsCancellationRequested)
        {
            return Taking.Lost;
        }

        await _one.WaitAsync(ct);
        try
        {
            lock (_gate)
            {
                if (_held.ContainsKey(key))
                {
                    return Taking.Taken;
                }
            }

            if (await _turns.TryTakeAsync(NameOf(key), ct) is not { } hold)
            {
                return Taking.Lost;
            }

            var held = new Held(hold);
            lock (_gate)
            {
                _held[key] = held;
            }

            hold.Lost.Register(() => Lose(key, held));
            return Taking.Taken;
        }
        finally
        {
            _one.Release();
        }
    }

    private void Leave(RoomKey key, Held held)
    {
        lock (_gate)
        {
            held.Stays--;
        }

        if (_stopping.IsCancellationRequested || !_rooms.Has(key))
        {
            _ = GiveBackAsync(key);
        }
    }

    /// <summary>Another node has the room now, or may have: this one knows nothing of it any more.</summary>
    private void Lose(RoomKey key, Held held)
    {
        lock (_gate)
        {
            if (_held.GetValueOrDefault(key) == held)
            {
                _held.Remove(key);
            }
        }

        _rooms.Drop(key);
        Log.Lost(_logger, key.Kind);
        _ = Task.Run(() => held.Hold.DisposeAsync().AsTask(), CancellationToken.None);
    }

    /// <summary>Gives it back when nobody stays.</summary>
    private async Task GiveBackAsync(RoomKey key)
    {
        try
        {
            await _one.WaitAsync(CancellationToken.None);
        }
        catch (ObjectDisposedException)
        {
            return; // All is given back.
        }

        try
        {
            Held? held;
            lock (_gate)
            {
                held = _held.GetValueOrDefault(key) is { Stays: 0 } idle ? idle : null;
                if (held is not null)
                {
                    _held.Remove(key);
                }
            }

            await (held?.Hold.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task GiveBackAllAsync()
    {
        RoomKey[] keys;
        lock (_gate)
        {
            keys = [.. _held.Keys];
        }

        foreach (var key in keys)
        {
            await GiveBackAsync(key);
        }
    }

    private sealed class Held(Hold hold)
    {
        public Hold Hold => hold;

        public int Stays { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "A room ({Kind}) may be another node's now; whoever was in it comes again")]
        public static partial void Lost(ILogger logger, string kind);
    }
}

/// <summary>That somebody is in a room of this node.</summary>
/// <param name="Leave">Ends it.</param>
/// <param name="Lost">Another node has the room now.</param>
internal sealed record RoomStay(Action Leave, CancellationToken Lost) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Leave();
}
