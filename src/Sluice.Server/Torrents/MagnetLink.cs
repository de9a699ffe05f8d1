using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Server.Torrents;

/// <summary>
/// A magnet link (BEP 9): <c>magnet:?xt=urn:btih:HASH&amp;dn=NAME&amp;tr=TRACKER</c>. The hash is 40 hexadecimal digits or 32 of base 32; version 2
/// has <c>urn:btmh:1220</c> and 64 digits. Nothing else of it is used: addresses of peers (<c>x.pe</c>), web seeds (<c>ws</c>) and sources of
/// the torrent (<c>xs</c>, <c>as</c>) are somebody's wish that this server asks them.
/// </summary>
internal static class MagnetLink
{
    /// <summary>Longest link that is taken, in characters.</summary>
    public const int Longest = 32 << 10;

    private const string Scheme = "magnet:?";
    private const string V1 = "urn:btih:";
    private const string V2 = "urn:btmh:1220";
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>Whether a text means to be one.</summary>
    public static bool IsMeant(string text) => text.StartsWith("magnet:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a link; false when it names no torrent, or two.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out TorrentLink? link)
    {
        link = null;
        if (text is not { Length: <= Longest } || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        HashSet<string> v1 = [], v2 = [];
        List<string> trackers = [];
        string? name = null;
        foreach (var field in text[Scheme.Length..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = field.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals
                ? (field[..equals].ToLowerInvariant(), Uri.UnescapeDataString(field[(equals + 1)..]))
                : (field, "");
            switch (key.Split('.')[0])
            {
                case "xt" when HashIn(value, V1) is { } hash:
                    v1.Add(hash);
                    break;
                case "xt" when HashIn(value, V2) is { } hash:
                    v2.Add(hash);
                    break;
                case "tr":
                    TrackerUrl.AddTo(trackers, value);
                    break;
                case "dn":
                    name ??= TorrentNames.Shown(value.Replace('+', ' ')); // As most who write links have it.
                    break;
            }
        }

        link = v1.Count <= 1 && v2.Count <= 1 && v1.Count + v2.Count > 0
            ? new TorrentLink(new InfoHash(v1.FirstOrDefault(), v2.FirstOrDefault()), name, trackers)
            : null;
        return link is not null;
    }

    /// <summary>The shortest link to a torrent, which tells nobody's trackers.</summary>
    public static string Of(InfoHash hash) => Scheme + string.Join('&', UrnsOf(hash).Select(urn => $"xt={urn}"));

    /// <summary>A link with all that is known of a torrent, but for what is in it.</summary>
    public static string Of(TorrentLink link) => string.Join(
        '&',
        [Of(link.Hash),
            .. link.Name is { } name ? [$"dn={Uri.EscapeDataString(name)}"] : Array.Empty<string>(),
            .. link.Trackers.Select(t => $"tr={Uri.EscapeDataString(t)}")]);

    private static IEnumerable<string> UrnsOf(InfoHash hash)
    {
        if (hash.V1 is { } v1)
        {
            yield return V1 + v1;
        }

        if (hash.V2 is { } v2)
        {
            yield return V2 + v2;
        }
    }

    private static string? HashIn(string urn, string kind)
    {
        if (!urn.StartsWith(kind, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var hash = urn[kind.Length..].ToLowerInvariant();
        return kind == V1 && hash.Length == 32 ? FromBase32(hash)
            : hash.Length == (kind == V1 ? 40 : 64) && hash.All(char.IsAsciiHexDigitLower) ? hash
            : null;
    }

    /// <summary>32 letters of 5 bits are 20 bytes: 4 times 8 letters of 5 bytes.</summary>
    private static string? FromBase32(string hash)
    {
        Span<byte> bytes = stackalloc byte[20];
        Span<byte> block = stackalloc byte[8];
        for (var (from, to) = (0, 0); from < hash.Length; from += 8, to += 5)
        {
            ulong bits = 0;
            foreach (var letter in hash.AsSpan(from, 8))
            {
                var value = Base32.IndexOf(letter, StringComparison.Ordinal);
                if (value < 0)
                {
                    return null;
                }

                bits = (bits << 5) | (uint)value;
            }

            BinaryPrimitives.WriteUInt64BigEndian(block, bits);
            block[3..].CopyTo(bytes[to..]);
        }

        return Convert.ToHexStringLower(bytes);
    }
}
