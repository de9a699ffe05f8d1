using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace Sluice.Server.Tests.Rooms;

/// <summary>The server's end of a WebSocket whose other end says what the test says, when it says it, and takes whatever it is sent.</summary>
internal sealed class ScriptedSocket : WebSocket
{
    private readonly Channel<string> _said = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource _aborted = new();
    private readonly TaskCompletionSource<string?> _goodbye = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _sent = [];

    /// <summary>Why the server said goodbye, once it has.</summary>
    public Task<string?> Goodbye => _goodbye.Task;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => _aborted.IsCancellationRequested ? WebSocketState.Aborted : WebSocketState.Open;

    public override string? SubProtocol => null;

    /// <summary>The other end says something.</summary>
    public void Say(string text) => _said.Writer.TryWrite(text);

    /// <summary>Whether the server has sent a message of this type.</summary>
    public bool WasSent(string type)
    {
        lock (_sent)
        {
            return _sent.Exists(text => text.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal));
        }
    }

    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _aborted.Token);
        var text = await _said.Reader.ReadAsync(either.Token);
        return new WebSocketReceiveResult(Encoding.UTF8.GetBytes(text, buffer), WebSocketMessageType.Text, endOfMessage: true);
    }

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        lock (_sent)
        {
            _sent.Add(Encoding.UTF8.GetString(buffer));
        }

        return Task.CompletedTask;
    }

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        _goodbye.TrySetResult(statusDescription);
        return Task.CompletedTask;
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    public override void Abort() => _aborted.Cancel();

    public override void Dispose() => _aborted.Dispose();
}
