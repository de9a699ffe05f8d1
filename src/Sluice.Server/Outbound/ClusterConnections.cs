using System.Net;

namespace Sluice.Server.Outbound;

/// <summary>
/// Connections to other nodes of this installation, over which requests of clients are passed on. Whom they lead to is what a node wrote into the catalog: one host and
/// one port each, be it that these are private. Made when the first is needed.
/// </summary>
internal sealed class ClusterConnections(CheckedConnector connector) : IDisposable
{
    /// <summary>Nobody is there who takes longer.</summary>
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(3);

    /// <summary>Names are looked up anew at least so often.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(2);

    private readonly Lazy<HttpMessageInvoker> _http = new(() => Make(connector));

    /// <summary>Asks them.</summary>
    public HttpMessageInvoker Http => _http.Value;

    /// <inheritdoc />
    public void Dispose()
    {
        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }

    private static HttpMessageInvoker Make(CheckedConnector connector)
    {
#pragma warning disable RS0030 // Beside OutboundFetcher the place for them: what is passed on is no request of ours, and goes over the forwarder of YARP.
        return new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, ct) =>
            {
                var node = context.DnsEndPoint;
                return await connector.Allowing(Allowance.Of(node.Host, node.Port) is { } only ? [only] : []).ConnectAsync(node, ct);
            },
            ConnectTimeout = ConnectTime,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            PooledConnectionLifetime = Life,
        });
#pragma warning restore RS0030
    }
}
