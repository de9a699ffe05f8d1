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
internal sealed class OutboundRelay : LoopbackListener
{
    private readonly CheckedConnector _connector;
    private readonly string _password = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public OutboundRelay(CheckedConnector connector, TimeProvider clock)
        : base(clock)
    {
        _connector = connector;
        Start();
    }

    /// <summary>Address of this proxy, with its password.</summary>
    public string Url => $"http://sluice:{_password}@{Address}";

    /// <inheritdoc />
    protected override async Task<string> ServeAsync(NetworkStream near, string head, ReadOnlyMemory<byte> behind, CancellationToken ct)
    {
        if (ProxyRequest.TryParse(head) is not { } request)
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
            await far.WriteAsync(behind, ct);
            sending = near.CopyToAsync(far, ct);
            await far.CopyToAsync(near, ct);
        }

        near.Close(); // Whatever else the client wanted to send, nobody reads it.
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return "";
    }
}
