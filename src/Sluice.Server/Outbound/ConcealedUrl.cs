namespace Sluice.Server.Outbound;

/// <summary>
/// An address as a program is told it on its command line, which all users of a machine may read. What is missing <see cref="OutboundRelay"/> puts back.
/// <code>
///   https://user:password@host/a/film.mpd?token=1  ◀──▶  http://host:443/a/film.mpd          over plain HTTP, for into a tunnel nothing can be put
///   https://user:password@host/a/1.m4s             ◀───  http://host:443/a/1.m4s             what it leads to there
/// </code>
/// </summary>
internal sealed class ConcealedUrl
{
    private readonly OutboundUrl _url;

    private ConcealedUrl(OutboundUrl url)
    {
        _url = url;
        Shown = new UriBuilder(url.Address) { Scheme = Uri.UriSchemeHttp, Port = url.Address.Port, Query = "" }.Uri.AbsoluteUri;
    }

    /// <summary>What the program is told.</summary>
    public string Shown { get; }

    /// <summary>The address, concealed; null when all of it may be told.</summary>
    public static ConcealedUrl? Of(OutboundUrl url) => url is { Basic: null, Address.Query.Length: 0 } ? null : new ConcealedUrl(url);

    /// <summary>What the program means; null when it asks another server.</summary>
    public OutboundUrl? Reveal(OutboundUrl asked)
    {
        var (mine, its) = (_url.Address, asked.Address);
        return its.Scheme != Uri.UriSchemeHttp || its.Port != mine.Port || its.IdnHost != mine.IdnHost ? null
            : its.AbsoluteUri == Shown ? _url
            : _url.Follow(mine.GetLeftPart(UriPartial.Authority) + its.PathAndQuery);
    }
}
