using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Outbound;

/// <summary>The head of a request to a proxy.</summary>
/// <param name="Server">Whom it is for.</param>
/// <param name="ShortHead">What that server is to be sent; null for a CONNECT, of which it learns nothing.</param>
/// <param name="Authorization">What the client says that it may; null when it says nothing.</param>
internal sealed record ProxyRequest(DnsEndPoint Server, string? ShortHead, string? Authorization)
{
    private const string Credentials = "Proxy-Authorization:";

    /// <summary>Reads a head without its empty line; null when it is none.</summary>
    public static ProxyRequest? TryParse(string head)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, var version])
        {
            return null;
        }

        var authorization = lines.FirstOrDefault(line => line.StartsWith(Credentials, StringComparison.OrdinalIgnoreCase))?[Credentials.Length..].Trim();
        if (method == "CONNECT")
        {
            return OutboundUrl.TryParse("https://" + target, out var tunnel) && target.Contains(':', StringComparison.Ordinal)
                ? new ProxyRequest(EndPointOf(tunnel), null, authorization)
                : null;
        }

        if (!OutboundUrl.TryParse(target, out var url) || url.Address.Scheme != "http")
        {
            return null;
        }

        var kept = lines.Skip(1).Where(line => !line.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase)
            && !line.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase));
        var own = string.Join("\r\n", [$"{method} {url.Address.PathAndQuery} {version}", .. kept, "Connection: close", "", ""]);
        return new ProxyRequest(EndPointOf(url), own, authorization);
    }

    /// <summary>Whether the client gave this user and password.</summary>
    public bool HasPassword(string userAndPassword) => Authorization is { } given
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(userAndPassword))));

    private static DnsEndPoint EndPointOf(OutboundUrl url) => new(url.Address.IdnHost, url.Address.Port);
}
