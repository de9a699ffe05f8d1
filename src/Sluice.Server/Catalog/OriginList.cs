using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Server.Catalog;

/// <summary>
/// Whose pages may play: origins as browsers write them (RFC 6454 section 6.2), and all names below a domain. Worked out once; a question allocates
/// nothing.
/// <code>
///   *                      any page
///   https://example.com    that origin: scheme, host and port
///   *.example.com          https pages of every name below example.com, which itself is none; http://*.example.com:8080 is said whole
/// </code>
/// </summary>
internal sealed class OriginList : IEquatable<OriginList>
{
    /// <summary>What an entry may be, for the reader of a refusal.</summary>
    public const string Rule = "`*`, origins such as https://example.com or https://example.com:8443, and *.example.com for all names below it";

    /// <summary>What an entry of a list of sites may be.</summary>
    public const string SiteRule = "sites, such as https://player.example.org, player.example.org (by https and http) and *.example.org for all names below it";

    /// <summary>Entries of one list.</summary>
    public const int Most = 100;

    /// <summary>Longer than any origin: a host name has 253 characters at most (RFC 1035 section 2.3.4).</summary>
    private const int LongestOrigin = 280;

    private const string Http = "http://";
    private const string Https = "https://";
    private const string Star = "*.";

    private static readonly SearchValues<char> NotOfAHost = SearchValues.Create("*/\\?#@ ");

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly (string Scheme, string Suffix)[] _below;

    private OriginList(string[] entries)
    {
        Entries = entries;
        IsAny = entries.Contains("*");
        _below = [.. entries.Where(IsBelow).Select(e => e.Split(Star) is var parts ? (parts[0], "." + parts[1]) : default)];
        _exact = entries.Where(e => !IsBelow(e)).ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Any page.</summary>
    public static OriginList Any { get; } = new(["*"]);

    /// <summary>No page but our own.</summary>
    public static OriginList None { get; } = new([]);

    /// <summary>The entries as browsers would write them: lower case, Punycode, no port that goes without saying.</summary>
    public IReadOnlyList<string> Entries { get; }

    /// <summary>Whether any page may.</summary>
    public bool IsAny { get; }

    /// <summary>Reads a list; false when an entry is none of those above.</summary>
    public static bool TryParse(IReadOnlyList<string> entries, [NotNullWhen(true)] out OriginList? list)
    {
        var written = entries.Select(Write).OfType<string>().ToArray();
        list = written.Length == entries.Count && written.Length <= Most ? new OriginList(written) : null;
        return list is not null;
    }

    /// <summary>Reads a list of sites, as people write them: what names no scheme is meant by https and by http, and a path that was copied along counts for
    /// nothing.</summary>
    public static bool TryParseSites(IReadOnlyList<string> entries, [NotNullWhen(true)] out OriginList? list)
    {
        var written = entries.SelectMany(Origins).Select(Write).OfType<string>().ToArray();
        list = entries.Count <= Most && written.Length == entries.Sum(entry => Origins(entry).Length) ? new OriginList(written) : null;
        return list is not null;
    }

    /// <summary>Whether a page of this origin may, as its browser wrote it.</summary>
    public bool Contains(ReadOnlySpan<char> origin) => IsAny || (origin.Length <= LongestOrigin && (_exact.Contains(origin) || IsBelow(origin)));

    /// <summary>The origin of a URL as browsers write it.</summary>
    public static string Of(Uri url)
    {
        var host = url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost;
        return (url.IsDefaultPort ? $"{url.Scheme}://{host}" : $"{url.Scheme}://{host}:{url.Port}").ToLowerInvariant();
    }

    /// <inheritdoc />
    public bool Equals(OriginList? other) => other is not null && Entries.SequenceEqual(other.Entries);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as OriginList);

    /// <inheritdoc />
    public override int GetHashCode() => Entries.Aggregate(0, HashCode.Combine);

    private static string[] Origins(string site)
    {
        var scheme = site.IndexOf("://", StringComparison.Ordinal);
        var path = site.IndexOf('/', scheme < 0 ? 0 : scheme + 3);
        var bare = path < 0 ? site : site[..path];
        return scheme < 0 ? [Https + bare, Http + bare] : [bare];
    }

    /// <summary>The entry as it is compared; null when it is none. A name with the dot of the root at its end is another origin to browsers, and no page is
    /// there.</summary>
    private static string? Write(string entry)
    {
        if (entry == "*")
        {
            return entry;
        }

        var whole = entry.StartsWith(Star, StringComparison.Ordinal) ? Https + entry : entry;
        var scheme = whole.StartsWith(Https, StringComparison.OrdinalIgnoreCase) ? Https : whole.StartsWith(Http, StringComparison.OrdinalIgnoreCase) ? Http : null;
        if (scheme is null)
        {
            return null;
        }

        var rest = whole[scheme.Length..];
        var isBelow = rest.StartsWith(Star, StringComparison.Ordinal);
        rest = isBelow ? rest[Star.Length..] : rest;
        if (rest.AsSpan().ContainsAny(NotOfAHost) || !Uri.TryCreate(scheme + rest, UriKind.Absolute, out var url) || url.Host.Length == 0 || url.Host[^1] == '.'
            || (isBelow && (url.HostNameType != UriHostNameType.Dns || url.Host[0] == '.')))
        {
            return null;
        }

        var written = Of(url);
        return isBelow ? written.Insert(scheme.Length, Star) : written;
    }

    private static bool IsBelow(string entry) => entry.Contains(Star, StringComparison.Ordinal);

    /// <summary>By label: what stands before the domain is one or more labels, each of them something.</summary>
    private bool IsBelow(ReadOnlySpan<char> origin)
    {
        foreach (var (scheme, suffix) in _below)
        {
            if (origin.Length > scheme.Length + suffix.Length && origin.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
                && origin.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && AreLabels(origin[scheme.Length..^suffix.Length]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AreLabels(ReadOnlySpan<char> name)
    {
        var before = '.';
        foreach (var c in name)
        {
            if (c == '.' ? before == '.' : !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }

            before = c;
        }

        return before != '.';
    }
}
