using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Sluice.Server.Outbound;

/// <summary>
/// Takes what a program asks the web to connections that <see cref="CheckedConnector"/> opens.
/// <code>
/// CONNECT host:port  → connection, then bytes both ways (RFC 9110 section 9.3.6)
/// GET http://host/…  → connection, the request in its short form, then bytes both ways
/// GET http://host:443/… of the server of a <see cref="ConcealedUrl"/>  → the same over TLS, with what the program was not told
/// </code>
/// </summary>
internal sealed class OutboundRelay : LoopbackProxy
{
    private readonly CheckedConnector _connector;

    /// <param name="connector">Opens the connections.</param>
    /// <param name="clock">The time.</param>
    /// <param name="concealed">What the program is told without its secrets; null when there is nothing of that kind.</param>
    public OutboundRelay(CheckedConnector connector, TimeProvider clock, ConcealedUrl? concealed = null)
        : base(clock, concealed)
    {
        _connector = connector;
        Start();
    }

    /// <inheritdoc />
    protected override async Task<string> ServeAsync(NetworkStream near, ProxyRequest request, ReadOnlyMemory<byte> behind, CancellationToken ct)
    {
        Stream far;
        try
        {
            far = await ConnectAsync(request, ct);
        }
        catch (OutboundException)
        {
            return "403 Forbidden";
        }
        catch (AuthenticationException)
        {
            return "502 Bad Gateway";
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

    /// <exception cref="AuthenticationException">The server has no certificate that this machine believes.</exception>
    private async Task<Stream> ConnectAsync(ProxyRequest request, CancellationToken ct)
    {
        var plain = await _connector.ConnectAsync(request.Server, ct);
        if (!request.IsTls)
        {
            return plain;
        }

        var secure = new SslStream(plain);
        try
        {
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = request.Server.Host }, ct);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }
}
