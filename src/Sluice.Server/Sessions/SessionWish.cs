using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>What a session is to play. Two that ask for the same share one session.</summary>
/// <param name="Key">Tells sources apart; may hold secrets.</param>
/// <param name="Shown">The source as people are shown it.</param>
internal abstract record SessionWish(string Key, string Shown)
{
    /// <summary>What people are to call it; null makes a name of the source's.</summary>
    public string? Title { get; init; }

    /// <summary>Subtitles that are to be drawn into the picture from the beginning, by track or language; null for none. Who joins takes what there is.</summary>
    public string? Burn { get; init; }

    /// <summary>A file or playlist on another server.</summary>
    public sealed record Remote(OutboundUrl Url) : SessionWish($"url {Canonical(Url.Secret)}", Url.ToString());

    /// <summary>A title of the library.</summary>
    public sealed record Media(AssetId Id) : SessionWish($"media {Id}", Id.Value);

    /// <summary>A file of a torrent. Whoever names the same torrent joins, whichever file he names: the session plays one.</summary>
    public sealed record Torrent(TorrentLink Link, int? File) : SessionWish($"torrent {Link.Hash}", MagnetLink.Of(Link.Hash))
    {
        /// <inheritdoc />
        public override bool IsSameAs(SessionWish other) => other is Torrent torrent && Link.Hash.IsThatOf(torrent.Link.Hash);
    }

    /// <summary>What a person pasted: an address, or a magnet link.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Number of a torrent's file; null is the one that is meant when nobody chooses.</param>
    /// <exception cref="SessionException">It is neither.</exception>
    public static SessionWish OfLink(string text, int? file = null) => text.Trim() switch
    {
        { } magnet when MagnetLink.IsMeant(magnet) => MagnetLink.TryParse(magnet, out var link)
            ? new Torrent(link, file)
            : throw new SessionException(ErrorCode.RequestInvalid, "The magnet link names no torrent, or more than one."),
        { } address => OutboundUrl.TryParse(address, out var url)
            ? new Remote(url)
            : throw new SessionException(ErrorCode.AddressRefused, ErrorCode.AddressRefused.Title),
    };

    /// <summary>Whether both ask for the same.</summary>
    public virtual bool IsSameAs(SessionWish other) => Key == other.Key;

    /// <summary>As text it is fit for a log.</summary>
    public sealed override string ToString() => Shown;

    /// <summary>What RFC 3986 calls the same besides what <see cref="Uri"/> sees to: percent triplets in capital letters (section 6.2.2.1).</summary>
    private static string Canonical(string url) => string.Create(url.Length, url, static (span, from) =>
    {
        from.CopyTo(span);
        for (var i = 0; i + 2 < span.Length; i++)
        {
            if (span[i] == '%' && char.IsAsciiHexDigit(span[i + 1]) && char.IsAsciiHexDigit(span[i + 2]))
            {
                (span[i + 1], span[i + 2]) = (char.ToUpperInvariant(span[i + 1]), char.ToUpperInvariant(span[i + 2]));
            }
        }
    });
}
