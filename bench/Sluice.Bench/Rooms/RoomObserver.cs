using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Sluice.Bench.Rooms;

/// <summary>
/// Somebody in a room who plays nothing and hears everything: where the room was at any time, to hold against where pages were. All of it is on one
/// machine, so that the clocks of pages, room and bench are one.
/// </summary>
internal sealed class RoomObserver : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonElement> _states = [];
    private readonly Lock _gate = new();
    private Task _reading = Task.CompletedTask;

    /// <summary>Comes in.</summary>
    /// <param name="room">Address of the room, with <c>ws:</c>.</param>
    public static async Task<RoomObserver> EnterAsync(Uri room)
    {
        var observer = new RoomObserver();
        await observer._socket.ConnectAsync(room, CancellationToken.None);
        await observer.SendAsync("""{"type":"hello","version":1,"name":"Observer"}""");
        observer._reading = observer.ReadAsync();
        return observer;
    }

    /// <summary>How far each sample of a page is from the room, in seconds. A sample is milliseconds since 1970, and a position.</summary>
    public double[] Distances(double[][] samples)
    {
        lock (_gate)
        {
            return
            [
                .. from sample in samples
                let state = _states[Math.Max(0, _states.FindLastIndex(s => s.GetProperty("at").GetDouble() <= sample[0]))]
                select Math.Abs(PositionAt(state, sample[0]) - sample[1]),
            ];
        }
    }

    /// <summary>How often, and for how long altogether, the room stood for somebody between two times in milliseconds since 1970.</summary>
    public (int Times, double Seconds) Held(double from, double to)
    {
        lock (_gate)
        {
            var (times, seconds) = (0, 0d);
            for (var i = 0; i < _states.Count; i++)
            {
                var begins = Math.Max(from, _states[i].GetProperty("at").GetDouble());
                var ends = Math.Min(to, i + 1 < _states.Count ? _states[i + 1].GetProperty("at").GetDouble() : to);
                if (_states[i].GetProperty("held").GetBoolean() && ends > begins)
                {
                    times++;
                    seconds += (ends - begins) / 1000;
                }
            }

            return (times, seconds);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private static double PositionAt(JsonElement state, double time)
    {
        var position = state.GetProperty("position").GetDouble();
        var isMoving = !state.GetProperty("paused").GetBoolean() && !state.GetProperty("held").GetBoolean();
        return isMoving ? position + ((time - state.GetProperty("at").GetDouble()) / 1000 * state.GetProperty("rate").GetDouble()) : position;
    }

    private Task SendAsync(string text) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (_socket.State == WebSocketState.Open)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Text)
                {
                    Take(JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, length)));
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // It has seen enough, or the server was killed, which is part of the measurement.
        }
    }

    private void Take(JsonElement message)
    {
        lock (_gate)
        {
            switch (message.GetProperty("type").GetString())
            {
                case "welcome":
                    _states.Add(message.GetProperty("state"));
                    break;
                case "state":
                    _states.Add(message);
                    break;
            }
        }
    }
}
