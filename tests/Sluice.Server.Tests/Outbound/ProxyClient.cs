using System.Net;

namespace Sluice.Server.Tests.Outbound;

/// <summary>A client that asks through one of this server's proxies, as a child does that was given its address.</summary>
internal static class ProxyClient
{
    /// <summary>Makes one.</summary>
    /// <param name="url">Address of the proxy, with its password.</param>
    /// <param name="password">Another password than that of the address.</param>
    public static HttpClient Of(string url, string? password = null)
    {
        var address = new Uri(url);
        var proxy = new WebProxy(new Uri(address.GetComponents(UriComponents.SchemeAndServer, UriFormat.Unescaped)))
        {
            BypassProxyOnLocal = false,
            Credentials = new NetworkCredential(address.UserInfo.Split(':')[0], password ?? address.UserInfo.Split(':')[1]),
        };
        return new HttpClient(new SocketsHttpHandler { Proxy = proxy, UseProxy = true });
    }
}
