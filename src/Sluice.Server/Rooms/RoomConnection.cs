using System.Net.WebSockets;
using System.Text.Json;
using Sluice.Server.Rooms.Wire;

namespace Sluice.Server.Rooms;

/// <summary>
/// One member's WebSocket (RFC 6455), from its hello to its end.
/// <code>
/// receive: hello → Join → messages → LiveRoom          ends by: the member closes, breaks off, or sends nonsense
/// send:    Outbox → socket                             ends by: a farewell, or a member who does not take what it is sent
/// watch:   RoomWatch: may it still come in?            ends by: no → a farewell
/// </code>
/// The first of receive and send that ends, ends all. Whoever joins leaves once, however late that was.
/// </summary>
internal sealed class RoomConnection(WebSocket socket, RoomDoor door, RoomDirectory rooms, TimeProvider time, ILogger<RoomWatch> logger)
{
    /// <summary>Longest message of a member in bytes: a line of chat with every character escaped.</summary>
    private const int LongestMessage = 4096;

    /// <summary>Time for the hello, and for one message to be taken.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Time for the other side to say goodbye too; a server that stops waits no longer either.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    /// <summary>Messages of one connection, whatever they are.</summary>
    private static readonly Allowance Messages = new(60, 20);

    private readonly Outbox _outbox = new();
    private bool _isForGood;
    private RoomSeat? _seat;

    /// <summary>Runs until the connection has ended.</summary>
    /// <param name="gone">The connection broke.</param>
    /// <param name="stopping">The server stops.</param>
    public async Task RunAsync(CancellationToken gone, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone);
        await using var bell = stopping.Register(() => _outbox.End(Farewell.Stopping));
        var receiving = GuardAsync(() => ReceiveAsync(end.Token));
        var sending = GuardAsync(() => SendAsync(end.Token));
        var watching = GuardAsync(() => new RoomWatch(door, _outbox, time, logger).RunAsync(end.Token));
        await Task.WhenAny(receiving, sending);
        Leave();

        // Each side says goodbye, but nobody is waited for any longer than that takes.
        _outbox.End(Farewell.Bye);
        var both = Task.WhenAll(receiving, sending);
        await Task.WhenAny(both, Task.Delay(Goodbye, time, end.Token));
        socket.Abort();
        await end.CancelAsync();
        try
        {
            await Task.WhenAll(both, watching);
        }
        finally
        {
            Leave(); // Whoever was joining when sending ended.
        }
    }

    private void Leave()
    {
        if (Interlocked.Exchange(ref _seat, null) is { } seat)
        {
            rooms.Leave(seat, _outbox, _isForGood);
        }
    }

    private async Task ReceiveAsync(CancellationToken ct)
    {
        var buffer = new byte[LongestMessage];
        var remaining = new Remainder(Messages);
        if (await ReadAsync(buffer, ct).AsTask().WaitAsync(Patience, time, ct) is not { } hello)
        {
            return;
        }

        if (hello.Type != "hello" || hello.Version != RoomWords.Version)
        {
            _outbox.End(hello.Type == "hello" ? Farewell.Version : Farewell.Invalid);
            return;
        }

        if (_outbox.IsEnding)
        {
            return; // Shown out before it said anything: revoked, or the server stops.
        }

        if (rooms.Join(door.Subject, hello, _outbox) is not { } seat)
        {
            _outbox.End(Farewell.Full);
            return;
        }

        _seat = seat;
        while (await ReadAsync(buffer, ct) is { } message)
        {
            var now = rooms.Clock.Now;
            if (!remaining.TryTake(now))
            {
                _outbox.End(Farewell.TooMany);
                return;
            }

            switch (message.Type)
            {
                case "ping" when double.IsFinite(message.Time):
                    _outbox.OfferPing(new Ping(message.Time, now));
                    break;
                case "leave":
                    _isForGood = true;
                    return;
                default:
                    seat.Room.Handle(seat.Member, _outbox, message);
                    break;
            }
        }
    }

    /// <summary>The next message; null when there will be none.</summary>
    private async ValueTask<ClientMessage?> ReadAsync(byte[] buffer, CancellationToken ct)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), ct);
            length += part.Count;
            if (part.MessageType != WebSocketMessageType.Text)
            {
                _outbox.End(part.MessageType == WebSocketMessageType.Close ? Farewell.Bye : Farewell.Invalid);
                return null;
            }

            if (part.EndOfMessage)
            {
                break;
            }

            if (length == buffer.Length)
            {
                _outbox.End(Farewell.TooLong);
                return null;
            }
        }

        try
        {
            if (JsonSerializer.Deserialize(buffer.AsSpan(0, length), RoomJson.Default.ClientMessage) is { } message)
            {
                return message;
            }
        }
        catch (JsonException)
        {
            // Answered below, as the word `null` is.
        }

        _outbox.End(Farewell.Invalid);
        return null;
    }

    private async Task SendAsync(CancellationToken ct)
    {
        while (true)
        {
            var (message, farewell) = await _outbox.TakeAsync(rooms.Clock, ct);
            if (message is not null)
            {
                await SendAsync(message, ct);
                continue;
            }

            if (farewell!.Detail is { } detail)
            {
                await SendAsync(RoomWords.Error(farewell.Reason, detail), ct);
            }

            await socket.CloseOutputAsync(farewell.Status, farewell.Reason, ct).WaitAsync(Patience, time, ct);
            return;
        }
    }

    private Task SendAsync(byte[] message, CancellationToken ct) =>
        socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, ct).WaitAsync(Patience, time, ct);

    /// <summary>However a connection ends, it has ended.</summary>
    private static async Task GuardAsync(Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or TimeoutException or ObjectDisposedException)
        {
            // It broke off, was ended by us, or kept us waiting.
        }
    }
}
