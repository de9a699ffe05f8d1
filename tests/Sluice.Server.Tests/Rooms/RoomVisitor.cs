using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Rooms;

/// <summary>Somebody at the other end of a room's WebSocket.</summary>
internal sealed class RoomVisitor : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[1 << 16];

    /// <summary>Why the server ended it.</summary>
    public (WebSocketCloseStatus? Status, string? Reason) End => (_socket.CloseStatus, _socket.CloseStatusDescription);

    /// <summary>What the server said first.</summary>
    public JsonElement Welcome { get; private set; }

    public int Id => Welcome.GetProperty("id").GetInt32();

    /// <summary>Opens the WebSocket and says nothing.</summary>
    public static async Task<RoomVisitor> ConnectAsync(SluiceServer server, string path, params (string Name, string Value)[] headers)
    {
        var visitor = new RoomVisitor();
        foreach (var (name, value) in headers)
        {
            visitor._socket.Options.SetRequestHeader(name, value);
        }

        using var patience = new CancellationTokenSource(Patience);
        var home = new Uri(server.Http.BaseAddress!.AbsoluteUri.Replace("http:", "ws:", StringComparison.Ordinal));
        await visitor._socket.ConnectAsync(new Uri(home, path), patience.Token);
        return visitor;
    }

    /// <summary>Comes into a room.</summary>
    public static async Task<RoomVisitor> EnterAsync(SluiceServer server, string path, string name = "Guest", string more = "")
    {
        var visitor = await ConnectAsync(server, path);
        await visitor.SendAsync($$"""{"type":"hello","version":1,"name":{{JsonSerializer.Serialize(name)}}{{more}}}""");
        visitor.Welcome = await visitor.UntilAsync("welcome");
        return visitor;
    }

    public async Task SendAsync(string text, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), type, true, patience.Token);
    }

    /// <summary>The next message; null when the server has said goodbye.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), patience.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return JsonSerializer.Deserialize<JsonElement>(_buffer.AsSpan(0, length));
            }
        }
    }

    /// <summary>The next message of a type of which something holds; others are read over.</summary>
    public async Task<JsonElement> UntilAsync(string type, Func<JsonElement, bool>? holds = null)
    {
        while (await NextAsync() is { } message)
        {
            if (message.Text("type") == type && holds?.Invoke(message) != false)
            {
                return message;
            }
        }

        throw new InvalidOperationException($"No '{type}' came before the end: {End}");
    }

    /// <summary>Reads to the end, which the server makes.</summary>
    public async Task<List<JsonElement>> RestAsync()
    {
        var rest = new List<JsonElement>();
        while (await NextAsync() is { } message)
        {
            rest.Add(message);
        }

        return rest;
    }

    /// <summary>As when a cable is pulled, as far as a program can do that.</summary>
    public void Break() => _socket.Abort();

    /// <summary>Closes as a browser does whose page is left.</summary>
    public async Task CloseAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, patience.Token);
        while (await NextAsync() is not null)
        {
            // Until it says goodbye too.
        }
    }

    public void Dispose() => _socket.Dispose();
}
