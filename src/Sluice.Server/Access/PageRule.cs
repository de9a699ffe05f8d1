using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// Which page asks, and whether it is one of those that may.
/// <code>
///   our own pages         always may
///   Origin is sent        it decides; `null` and what is no origin are refused
///   else Referer is sent  its origin decides
///   else Sec-Fetch-Site   a page of this server asks, or a person by typing the address: they may. Another site that withholds its name may not
///   else                  players and programs that are no pages send none of these: as the configuration says
/// </code>
/// It keeps other people's pages from living on this server. It is no lock: a program can send what it likes.
/// </summary>
internal sealed class PageRule(SluiceOptions options)
{
    /// <summary>What an answer depends on where not any page may: a cache must not give what one page got to another.</summary>
    public const string Vary = "Origin, Referer, Sec-Fetch-Site";

    private readonly OwnPages _own = new(options);

    /// <summary>Why a request may not be answered; null when it may.</summary>
    /// <param name="request">The request.</param>
    /// <param name="allowed">Pages that may, besides our own.</param>
    /// <param name="allowsNone">So may a request that does not say which page it comes from.</param>
    /// <param name="refused">What is answered otherwise.</param>
    public Refusal? Check(HttpRequest request, OriginList allowed, bool allowsNone, ErrorCode refused)
    {
        if (allowed.IsAny)
        {
            return null;
        }

        if (request.Headers.Origin is { Count: > 0 } origin)
        {
            return Check(request, allowed, origin.ToString(), refused);
        }

        if (request.Headers.Referer is { Count: > 0 } referer)
        {
            return Check(request, allowed, OriginOf(referer.ToString()), refused);
        }

        // Scripts cannot set it (Fetch Metadata, section 2.3).
        return request.Headers["Sec-Fetch-Site"].ToString() switch
        {
            "same-origin" or "none" => null,
            "" when allowsNone => null,
            _ => new Refusal(refused, "This may be played by pages of certain sites only, and the request does not say which page it comes from."),
        };
    }

    /// <summary>The part of a URL in front of its path.</summary>
    private static ReadOnlySpan<char> OriginOf(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var length = start < 3 ? -1 : url.AsSpan(start).IndexOfAny('/', '?', '#');
        return length < 0 ? url : url.AsSpan(0, start + length);
    }

    private Refusal? Check(HttpRequest request, OriginList allowed, ReadOnlySpan<char> origin, ErrorCode refused) =>
        allowed.Contains(origin) || _own.Has(request, origin) ? null : new Refusal(refused, $"Pages of {Shown(origin)} may not play this.");

    /// <summary>No more of it than an origin has: it is whatever somebody sent.</summary>
    private static string Shown(ReadOnlySpan<char> origin) => origin.Length <= 100 ? origin.ToString() : $"{origin[..100]}…";
}
