using System.Globalization;
using System.Net;

namespace Sluice.Server.Outbound;

/// <summary>
/// An address, and those that it leads to, as a program is told them that speaks plain HTTP to a proxy and nothing else. Its command line may be read by all
/// users of a machine, so it learns no secret of the address. What is missing <see cref="OutboundRelay"/> puts back.
/// <code>
///   https://user:password@host/a/film.mpd?token=1  ◀──▶  http://host:443/a/film.mpd
///   https://user:password@host/a/1.m4s             ◀───  http://host:443/a/1.m4s             what it leads to there
///   https://other/1.m4s?token=2                    ◀──▶  http://other:443/1.m4s?token=2      what it leads to elsewhere
/// </code>
/// </summary>
internal sealed class ConcealedUrl
{
    /// <summary>Servers with TLS that one address may lead to; a presentation has some.</summary>
    private const int MostServers = 64;

    private const string Tls = "https://";

    private readonly HashSet<DnsEndPoint> _withTls = [];
    private readonly Lock _lock = new();

    public ConcealedUrl(OutboundUrl url)
    {
        Url = url;
        Shown = new UriBuilder(url.Address) { Scheme = Uri.UriSchemeHttp, Port = url.Address.Port, Query = "" }.Uri.AbsoluteUri;
    }

    /// <summary>The address.</summary>
    public OutboundUrl Url { get; }

    /// <summary>What the program is told of it.</summary>
    public string Shown { get; }

    /// <summary>How the program is told an address that a server names. What leads to TLS it is told without, and the server is remembered; all else, and what
    /// is beyond the bound, stays as it is.</summary>
    /// <param name="reference">An address or a part of one, also with the placeholders of a template.</param>
    /// <param name="from">Who names it.</param>
    public string Tell(string reference, OutboundUrl from)
    {
        var text = reference.Trim();
        text = text.StartsWith("//", StringComparison.Ordinal) ? $"{from.Address.Scheme}:{text}" : text; // RFC 3986 section 4.2
        if (!text.StartsWith(Tls, StringComparison.OrdinalIgnoreCase))
        {
            return reference;
        }

        var length = text.AsSpan(Tls.Length).IndexOfAny("/?#\\");
        var authority = length < 0 ? text[Tls.Length..] : text.Substring(Tls.Length, length);
        if (!OutboundUrl.TryParse(Tls + authority, out var server) || !Remember(server.Address))
        {
            return reference;
        }

        var user = authority[..(authority.LastIndexOf('@') + 1)];
        return string.Create(CultureInfo.InvariantCulture, $"http://{user}{HostOf(server)}:{server.Address.Port}{text[(Tls.Length + authority.Length)..]}");
    }

    /// <summary>What the program means; null when it is what it asks.</summary>
    public OutboundUrl? Reveal(OutboundUrl asked)
    {
        var (mine, its) = (Url.Address, asked.Address);
        if (its.Scheme != Uri.UriSchemeHttp)
        {
            return null;
        }

        if (its.Port == mine.Port && its.IdnHost == mine.IdnHost)
        {
            return its.AbsoluteUri == Shown ? Url : Url.Follow(mine.GetLeftPart(UriPartial.Authority) + its.PathAndQuery);
        }

        lock (_lock)
        {
            return _withTls.Contains(EndPointOf(its)) ? asked.Follow(new UriBuilder(its) { Scheme = Uri.UriSchemeHttps, Port = its.Port }.Uri.AbsoluteUri) : null;
        }
    }

    /// <summary>The host as it stands in an address and in the header <c>Host</c>.</summary>
    public static string HostOf(OutboundUrl url) => url.Address.HostNameType == UriHostNameType.IPv6 ? url.Address.Host : url.Address.IdnHost;

    private static DnsEndPoint EndPointOf(Uri address) => new(address.IdnHost, address.Port);

    private bool Remember(Uri address)
    {
        lock (_lock)
        {
            return _withTls.Contains(EndPointOf(address)) || (_withTls.Count < MostServers && _withTls.Add(EndPointOf(address)));
        }
    }
}
