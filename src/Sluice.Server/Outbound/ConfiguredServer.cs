using System.Net;

namespace Sluice.Server.Outbound;

/// <summary>
/// An HTTP client for a library that speaks a protocol of its own (S3) with one server that stands in the configuration. Whoever writes the configuration
/// may send this server anywhere, as with channels there; nobody else has a say in where this client goes. It is safe because
/// <list type="bullet">
/// <item>a connection is refused that is not to one of these hosts at this port, whatever URL the library makes or is told to follow;</item>
/// <item>addresses come from the same <see cref="CheckedConnector"/> as all others, which alone opens these hosts besides the public ones;</item>
/// <item>redirects, proxies of the environment and cookies are not used, and certificates are verified.</item>
/// </list>
/// </summary>
internal static class ConfiguredServer
{
    private const int HeaderKilobytes = 64;

    /// <summary>Names are looked up anew at least so often.</summary>
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(2);

    /// <summary>The client; dispose of it. It has no time limit of its own, for bodies differ too much: whoever asks brings one.</summary>
    /// <param name="connector">Opens connections.</param>
    /// <param name="hosts">Names or addresses of the server.</param>
    /// <param name="port">Its port.</param>
    public static HttpClient Client(CheckedConnector connector, IReadOnlyList<string> hosts, int port)
    {
        var allowed = connector.Allowing(hosts.Select(host => Allowance.Of(host, port)).OfType<Allowance>());
#pragma warning disable RS0030 // Beside OutboundFetcher the one place for them: see above.
        return new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (context, ct) => IsOne(context.DnsEndPoint)
                ? allowed.ConnectAsync(context.DnsEndPoint, ct)
                : throw new OutboundException(OutboundFailure.Refused),
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = HeaderKilobytes,
            PooledConnectionLifetime = ConnectionLife,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
#pragma warning restore RS0030

        bool IsOne(DnsEndPoint server) => server.Port == port && hosts.Contains(server.Host.Trim('[', ']'), StringComparer.OrdinalIgnoreCase);
    }
}
