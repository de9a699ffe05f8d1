using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// Whose pages may play: as the title says, else as <c>access.allowedOrigins</c> does.
/// <code>
/// Origin is sent      → it must be allowed; `null` and what is no origin never are
/// only a Referer      → its origin must be
/// neither             → access.allowNoReferer: players that are no pages send none, and a page can withhold its own
/// our own pages       → always
/// </code>
/// A page that is refused can read why: streams answer every origin (<c>Access-Control-Allow-Origin: *</c>), and what protects them is decided here.
/// </summary>
internal sealed class PlaybackOrigins(SluiceOptions options)
{
    private readonly OwnPages _own = new(options);
    private readonly OriginList _all = OriginList.TryParse(options.Access.AllowedOrigins, out var list)
        ? list
        : throw new SetupException($"access.allowedOrigins must be a list of {OriginList.Rule}.");

    /// <summary>Why the page that asks may not play; null when it may.</summary>
    /// <param name="context">The request; its answer says that it depends on the origin when it does.</param>
    /// <param name="own">What the title says; null when it says nothing.</param>
    public Refusal? Check(HttpContext context, OriginList? own)
    {
        var allowed = own ?? _all;
        if (allowed.IsAny)
        {
            return null;
        }

        var request = context.Request;
        context.Response.Headers.Append("Vary", "Origin");
        if (request.Headers.Origin is { Count: > 0 } origin)
        {
            return Check(request, allowed, origin.ToString());
        }

        var referer = request.Headers.Referer.ToString();
        return referer.Length > 0 ? Check(request, allowed, OriginOf(referer))
            : options.Access.AllowNoReferer ? null
            : new Refusal(ErrorCode.OriginRefused, "This may be played by pages of certain sites only, and the request does not say which page it comes from.");
    }

    /// <summary>The part of a URL in front of its path.</summary>
    private static ReadOnlySpan<char> OriginOf(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var length = start < 3 ? -1 : url.AsSpan(start).IndexOfAny('/', '?', '#');
        return length < 0 ? url : url.AsSpan(0, start + length);
    }

    private Refusal? Check(HttpRequest request, OriginList allowed, ReadOnlySpan<char> origin) =>
        allowed.Contains(origin) || _own.Has(request, origin)
            ? null
            : new Refusal(ErrorCode.OriginRefused, $"Pages of {Shown(origin)} may not play this.");

    /// <summary>No more of it than an origin has: it is whatever somebody sent.</summary>
    private static string Shown(ReadOnlySpan<char> origin) => origin.Length <= 100 ? origin.ToString() : $"{origin[..100]}…";
}
