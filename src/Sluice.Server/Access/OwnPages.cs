using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// Which pages are this server's own: those at the address that was asked, those of <c>server.publicUrl</c> whatever Host a proxy in front of us
/// sends, and those that the configuration lets act as our own (<c>server.allowedOrigins</c>). The Host has passed the allow-list.
/// </summary>
internal sealed class OwnPages(SluiceOptions options)
{
    private readonly string? _home = options.Server.PublicUrl is { } url ? OriginList.Of(new Uri(url)) : null;

    /// <summary>Whether a page of this origin is ours.</summary>
    /// <param name="request">The request that it made.</param>
    /// <param name="origin">As its browser wrote it.</param>
    public bool Has(HttpRequest request, ReadOnlySpan<char> origin)
    {
        foreach (var allowed in options.Server.AllowedOrigins)
        {
            if (origin.Equals(allowed, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        var scheme = origin.IndexOf("://", StringComparison.Ordinal);
        return (scheme > 0 && origin[(scheme + 3)..].Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase))
            || (_home is not null && (origin.Equals(_home, StringComparison.OrdinalIgnoreCase) || IsHome(origin.ToString())));
    }

    /// <summary>Written in another way: with a port that goes without saying.</summary>
    private bool IsHome(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var url) && OriginList.Of(url) == _home;
}
