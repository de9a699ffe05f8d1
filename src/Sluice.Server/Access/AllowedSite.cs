using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sluice.Server.Access;

/// <summary>
/// Pages of which something may be fetched: those of an origin (<c>https://player.example.org</c>), of a host (<c>player.example.org</c>, at http and https),
/// or of all hosts below one (<c>*.example.org</c>, <c>https://*.example.org:8443</c>). Whole labels are compared, never beginnings or ends of a text.
/// </summary>
internal sealed class AllowedSite
{
    private const string AnyLabels = "*.";

    private readonly string? _scheme;
    private readonly string _host;
    private readonly int? _port;
    private readonly bool _isBelow;

    private AllowedSite(string? scheme, string host, int? port, bool isBelow) => (_scheme, _host, _port, _isBelow) = (scheme, host, port, isBelow);

    /// <summary>Reads an entry of a list of sites. A path behind the host, as people copy it along, counts for nothing.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AllowedSite? site)
    {
        site = null;
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        var (scheme, rest) = hasScheme ? (text[..text.IndexOf(':', StringComparison.Ordinal)].ToLowerInvariant(), text[(text.IndexOf(':', StringComparison.Ordinal) + 3)..]) : (null, text);
        var isBelow = rest.StartsWith(AnyLabels, StringComparison.Ordinal);
        var bare = isBelow ? rest[AnyLabels.Length..] : rest;
        if (scheme is not (null or "http" or "https") || bare.AsSpan().ContainsAny("*@ \\") || !Uri.TryCreate($"{scheme ?? "https"}://{bare}", UriKind.Absolute, out var url))
        {
            return false;
        }

        var host = HostOf(url);
        if (host.Length == 0 || (isBelow && url.HostNameType != UriHostNameType.Dns))
        {
            return false;
        }

        // A port that is not named is the scheme's own; so it is of either scheme where none is named.
        var names = bare.Split('/')[0].EndsWith(string.Create(CultureInfo.InvariantCulture, $":{url.Port}"), StringComparison.Ordinal);
        site = new AllowedSite(scheme, host, names || scheme is not null ? url.Port : null, isBelow);
        return true;
    }

    /// <summary>Whether a page is one of them.</summary>
    /// <param name="page">Its origin, or its URL.</param>
    public bool Includes(Uri page)
    {
        if (page.Scheme is not ("http" or "https") || (_scheme is not null && _scheme != page.Scheme) || (_port is { } port ? page.Port != port : !page.IsDefaultPort))
        {
            return false;
        }

        var host = HostOf(page);
        return _isBelow
            ? host.Length > _host.Length + 1 && host[^(_host.Length + 1)] == '.' && host.EndsWith(_host, StringComparison.Ordinal)
            : host == _host;
    }

    /// <summary>As names are looked up: in lower case, in ASCII (RFC 5891), without the dot of the root.</summary>
    private static string HostOf(Uri url)
    {
        var host = url.IdnHost.ToLowerInvariant();
        return host.EndsWith('.') ? host[..^1] : host;
    }
}
