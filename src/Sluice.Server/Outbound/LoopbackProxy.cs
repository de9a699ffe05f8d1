using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Outbound;

/// <summary>
/// An HTTP proxy on loopback for one program that this server runs, one request a connection. What becomes of requests is for whoever derives from it.
/// <code>
///   program ── password, from its environment ──▶ proxy          who has none, another user of this machine, say, is turned away
/// </code>
/// A proxy, for that is how such programs take a password that does not stand on their command line, which all users may read.
/// </summary>
internal abstract class LoopbackProxy : IAsyncDisposable
{
    private const int LongestHead = 32 * 1024;
    private static readonly TimeSpan HeadTime = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;
    private readonly string _user = $"sluice:{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
    private readonly CancellationTokenSource _ends = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private Task _accepting = Task.CompletedTask;

    /// <param name="clock">The time.</param>
    /// <param name="concealed">What the program is told otherwise; null when there is nothing of that kind.</param>
    protected LoopbackProxy(TimeProvider clock, ConcealedUrl? concealed = null)
    {
        (_clock, Concealed) = (clock, concealed);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
    }

    /// <summary>Address of this proxy, with its password: for <see cref="Processes.ChildCommand.Proxy"/> and nothing else.</summary>
    public string Url => $"http://{_user}@{_listener.LocalEndPoint}";

    /// <summary>What the program is told otherwise; null when there is nothing of that kind.</summary>
    protected ConcealedUrl? Concealed { get; }

    /// <summary>Ends all connections; nothing of it runs when this returns.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _ends.Dispose();
    }

    /// <summary>Begins to take connections: when all is there that they are served with.</summary>
    protected void Start() => _accepting = AcceptAsync(_ends.Token);

    /// <summary>Serves one connection.</summary>
    /// <param name="near">The connection.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="behind">What came behind the head already.</param>
    /// <param name="ct">The listener ends.</param>
    /// <returns>Status, and further headers, of an answer that has no body; empty when the answer was sent.</returns>
    protected abstract Task<string> ServeAsync(NetworkStream near, ProxyRequest request, ReadOnlyMemory<byte> behind, CancellationToken ct);

    /// <summary>The head of a message without its empty line, and what came behind it already; null when there is none, or too long a one.</summary>
    protected static async Task<(string Text, ReadOnlyMemory<byte> Behind)?> ReadHeadAsync(Stream from, CancellationToken ct)
    {
        var buffer = new byte[LongestHead];
        var length = 0;
        while (length < buffer.Length && await from.ReadAsync(buffer.AsMemory(length), ct) is > 0 and var count)
        {
            length += count;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                return (Encoding.Latin1.GetString(buffer, 0, end), buffer.AsMemory((end + 4)..length));
            }
        }

        return null;
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
            var answer = await ReadRequestAsync(near, ct) is not { } head || ProxyRequest.TryParse(head.Text, Concealed) is not { } request ? "400 Bad Request"
                : !request.HasPassword(_user) ? "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"sluice\""
                : await ServeAsync(near, request, head.Behind, ct);
            if (answer.Length > 0)
            {
                await near.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), ct);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two has gone, or the listener ends.
        }
    }

    private async Task<(string Text, ReadOnlyMemory<byte> Behind)?> ReadRequestAsync(NetworkStream near, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(HeadTime, _clock);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        return await ReadHeadAsync(near, patience.Token);
    }
}
