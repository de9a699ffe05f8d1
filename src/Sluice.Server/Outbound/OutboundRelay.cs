using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Outbound;

/// <summary>
/// An HTTP proxy on loopback for one program that this server runs: what that program asks for goes over connections that
/// <see cref="CheckedConnector"/> opens. Whoever has no password, another user of this machine, say, is turned away.
/// <code>
/// CONNECT host:port  → connection, then bytes both ways (RFC 9110 section 9.3.6)
/// GET http://host/…  → connection, the request in its short form, then bytes both ways; one request a connection
/// </code>
/// </summary>
internal sealed class OutboundRelay : IAsyncDisposable
{
    private const int LongestHead = 32 * 1024;
    private static readonly TimeSpan HeadTime = TimeSpan.FromSeconds(10);

    private readonly CheckedConnector _connector;
    private readonly TimeProvider _clock;
    private readonly string _password = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly CancellationTokenSource _ends = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _accepting;

    public OutboundRelay(CheckedConnector connector, TimeProvider clock)
    {
        (_connector, _clock) = (connector, clock);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        _accepting = AcceptAsync(_ends.Token);
    }

    /// <summary>Address of this proxy, with its password.</summary>
    public string Url => $"http://sluice:{_password}@{_listener.LocalEndPoint}";

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _ends.Dispose();
    }

    private async Task AcceptAsync(CancellationToken ct)
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.RemoveAll(task => task.IsCompleted);
                serving.Add(ServeAsync(await _listener.AcceptAsync(ct), ct));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving); // Each ends with the token.
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken ct)
    {
        await using var near = new NetworkStream(client, ownsSocket: true);
        try
        {
            var answer = await TryServeAsync(near, ct);
            if (answer.Length > 0)
            {
                await near.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), ct);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two has gone, or the relay ends.
        }
    }

    /// <summary>Serves one connection; answers with a status for a request that comes to nothing.</summary>
    private async Task<string> TryServeAsync(NetworkStream near, CancellationToken ct)
    {
        if (await ReadHeadAsync(near, ct) is not { } head || ProxyRequest.TryParse(head.Text) is not { } request)
        {
            return "400 Bad Request";
        }

        if (!request.HasPassword($"sluice:{_password}"))
        {
            return "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"sluice\"";
        }

        Stream far;
        try
        {
            far = await _connector.ConnectAsync(request.Server, ct);
        }
        catch (OutboundException)
        {
            return "403 Forbidden";
        }

        var sending = Task.CompletedTask;
        await using (far)
        {
            await (request.ShortHead is { } own
                ? far.WriteAsync(Encoding.Latin1.GetBytes(own), ct)
                : near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), ct));
            await far.WriteAsync(head.Behind, ct);
            sending = near.CopyToAsync(far, ct);
            await far.CopyToAsync(near, ct);
        }

        near.Close(); // Whatever else the client wanted to send, nobody reads it.
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return "";
    }

    private async Task<(string Text, ReadOnlyMemory<byte> Behind)?> ReadHeadAsync(NetworkStream near, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(HeadTime, _clock);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var buffer = new byte[LongestHead];
        var length = 0;
        while (length < buffer.Length && await near.ReadAsync(buffer.AsMemory(length), patience.Token) is > 0 and var count)
        {
            length += count;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                return (Encoding.Latin1.GetString(buffer, 0, end), buffer.AsMemory((end + 4)..length));
            }
        }

        return null;
    }
}
