using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// Which pages may fetch what is published in the key-value store (<c>pipekv.allowedReferers</c>).
/// <code>
///   Origin is sent        it decides; "null" and what is no origin are refused
///   else Referer is sent  it decides
///   else                  refused when the browser says that another site asks (Sec-Fetch-Site); players and programs send none of these and may
/// </code>
/// It keeps other people's pages from living on this server. It is no lock: a program can send what it likes.
/// </summary>
internal sealed class RefererRule(SluiceOptions options)
{
    private readonly AllowedSite[] _sites = [.. options.Pipekv.AllowedReferers.Select(static text =>
        AllowedSite.TryParse(text, out var site) ? site : throw new SetupException($"pipekv.allowedReferers: '{text}' is no site."))];

    private readonly Uri? _publicUrl = options.Server.PublicUrl is { } url ? new Uri(url) : null;

    /// <summary>Whether a request may be answered.</summary>
    public bool Allows(HttpRequest request)
    {
        if (_sites.Length == 0)
        {
            return true;
        }

        var headers = request.Headers;
        if (headers.Origin.Count > 0)
        {
            return IsAllowed(request, headers.Origin.ToString());
        }

        return headers.Referer.Count > 0
            ? IsAllowed(request, headers.Referer.ToString())
            : headers["Sec-Fetch-Site"].ToString() is not ("cross-site" or "same-site");
    }

    /// <summary>Lets a page read the answer, whatever it is: else its player could not say why it failed.</summary>
    public void WriteCors(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlExposeHeaders =
            "Content-Length, Content-Range, ETag, Date, Retry-After, x-cache, x-cache-node, x-kv-version, x-kv-latency-ms";
        if (_sites.Length == 0)
        {
            headers.AccessControlAllowOrigin = "*";
            return;
        }

        if (!headers.Vary.ToString().Contains("Origin", StringComparison.OrdinalIgnoreCase))
        {
            headers.Append("Vary", "Origin");
        }

        // What no browser sends is not sent back.
        if (context.Request.Headers.Origin is [{ Length: > 0 } origin] && origin.All(static c => c is > ' ' and <= '~'))
        {
            headers.AccessControlAllowOrigin = origin;
        }
    }

    private bool IsAllowed(HttpRequest request, string page) =>
        Uri.TryCreate(page, UriKind.Absolute, out var url) && (IsOwn(request, url) || Array.Exists(_sites, site => site.Includes(url)));

    private bool IsOwn(HttpRequest request, Uri page) =>
        (page.Scheme == request.Scheme && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase))
        || (_publicUrl is { } home && (page.Scheme, page.IdnHost, page.Port) == (home.Scheme, home.IdnHost, home.Port));
}
