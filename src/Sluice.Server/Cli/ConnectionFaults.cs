using System.Net.Sockets;

namespace Sluice.Server.Cli;

/// <summary>Makes one exception of all that a connection can die of.</summary>
/// <remarks>A server that resets a connection while it is being opened shows itself as a bare <see cref="SocketException"/>: .NET
/// asks the socket for its remote address then, and wraps only what opening it threw.</remarks>
/// <param name="inner">Opens the connections.</param>
internal sealed class ConnectionFaults(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc />
    /// <exception cref="HttpRequestException">Nobody answered.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, e.Message, e);
        }
    }
}
