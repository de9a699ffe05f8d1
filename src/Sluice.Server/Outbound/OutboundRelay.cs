using System.Globalization;
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
/// GET http://host:443/… of a <see cref="ConcealedUrl"/>, or what that led to  → the same over TLS, with what the program was not told;
///                                                                      where a redirect leads it is told in the same way
/// </code>
/// </summary>
internal sealed class OutboundRelay : LoopbackProxy
{
    private const string Location = "Location:";

    private readonly CheckedConnector _connector;
    private readonly Func<CancellationToken, Task<byte[]?>>? _body;

    /// <param name="connector">Opens the connections.</param>
    /// <param name="clock">The time.</param>
    /// <param name="concealed">What the program is told otherwise; null when there is nothing of that kind.</param>
    /// <param name="body">What is at the concealed address, as the program is given it, null when there is nothing; null when it is asked for like all else.</param>
    public OutboundRelay(
        CheckedConnector connector, TimeProvider clock, ConcealedUrl? concealed = null, Func<CancellationToken, Task<byte[]?>>? body = null)
        : base(clock, concealed)
    {
        (_connector, _body) = (connector, body);
        Start();
    }

    /// <inheritdoc />
    protected override async Task<string> ServeAsync(NetworkStream near, ProxyRequest request, ReadOnlyMemory<byte> behind, CancellationToken ct)
    {
        if (_body is { } read && request.Url is { } url && url == Concealed?.Url)
        {
            return await read(ct) is { } body ? await SendAsync(near, body, ct) : "502 Bad Gateway";
        }

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
            if (await PassHeadAsync(far, near, request, ct))
            {
                await far.CopyToAsync(near, ct);
            }
        }

        near.Close(); // Whatever else the client wanted to send, nobody reads it.
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return "";
    }

    private static async Task<string> SendAsync(NetworkStream near, byte[] body, CancellationToken ct)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        await near.WriteAsync(Encoding.ASCII.GetBytes(head), ct);
        await near.WriteAsync(body, ct);
        return "";
    }

    /// <summary>Passes on the head of an answer in which a program that is told addresses otherwise may find one; answers whether more is to be passed on.</summary>
    private async Task<bool> PassHeadAsync(Stream far, NetworkStream near, ProxyRequest request, CancellationToken ct)
    {
        if (Concealed is not { } concealed || request.Url is not { } asked)
        {
            return true;
        }

        if (await ReadHeadAsync(far, ct) is not { } head)
        {
            return false;
        }

        var told = head.Text.Split("\r\n").Select(line =>
            line.StartsWith(Location, StringComparison.OrdinalIgnoreCase) ? $"{Location} {concealed.Tell(line[Location.Length..].Trim(), asked)}" : line);
        await near.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", [.. told, "", ""])), ct);
        await near.WriteAsync(head.Behind, ct);
        return true;
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
