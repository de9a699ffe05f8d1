using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Outbound;

/// <summary>The head of a request to a proxy.</summary>
/// <param name="Server">Whom it is for.</param>
/// <param name="Url">What is asked for, which the client may have been told otherwise; null for a CONNECT.</param>
/// <param name="ShortHead">What that server is to be sent; null for a CONNECT, of which it learns nothing.</param>
/// <param name="Authorization">What the client says that it may; null when it says nothing.</param>
internal sealed record ProxyRequest(DnsEndPoint Server, OutboundUrl? Url, string? ShortHead, string? Authorization)
{
    private const string Credentials = "Proxy-Authorization:";

    /// <summary>The server is asked over TLS, of which the client knows nothing.</summary>
    public bool IsTls => Url?.Address.Scheme == Uri.UriSchemeHttps;

    /// <summary>Reads a head without its empty line; null when it is none.</summary>
    /// <param name="head">The head.</param>
    /// <param name="concealed">What the client was told otherwise; null when there is nothing of that kind.</param>
    public static ProxyRequest? TryParse(string head, ConcealedUrl? concealed = null)
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
                ? new ProxyRequest(EndPointOf(tunnel), null, null, authorization)
                : null;
        }

        if (!OutboundUrl.TryParse(target, out var url) || url.Address.Scheme != "http")
        {
            return null;
        }

        var meant = concealed?.Reveal(url);
        string[] left = meant is null ? ["Proxy-", "Connection:"] : ["Proxy-", "Connection:", "Host:"];
        var kept = lines.Skip(1).Where(line => !left.Any(name => line.StartsWith(name, StringComparison.OrdinalIgnoreCase)));
        var (own, more) = meant is null ? (url, Enumerable.Empty<string>()) : (meant, Told(meant));
        var text = string.Join("\r\n", [$"{method} {own.Address.PathAndQuery} {version}", .. kept, .. more, "Connection: close", "", ""]);
        return new ProxyRequest(EndPointOf(own), own, text, authorization);
    }

    /// <summary>Whether the client gave this user and password.</summary>
    public bool HasPassword(string userAndPassword) => Authorization is { } given
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(userAndPassword))));

    /// <summary>What a client that was told less could not say.</summary>
    private static IEnumerable<string> Told(OutboundUrl url)
    {
        var host = ConcealedUrl.HostOf(url);
        yield return url.Address.IsDefaultPort ? $"Host: {host}" : string.Create(CultureInfo.InvariantCulture, $"Host: {host}:{url.Address.Port}");
        if (url.Basic is { } basic)
        {
            yield return $"Authorization: Basic {basic}";
        }
    }

    private static DnsEndPoint EndPointOf(OutboundUrl url) => new(url.Address.IdnHost, url.Address.Port);
}
