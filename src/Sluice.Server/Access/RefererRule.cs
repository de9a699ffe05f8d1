using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>Which pages may fetch what is published in the key-value store (<c>pipekv.allowedReferers</c>), by <see cref="PageRule"/>.</summary>
internal sealed class RefererRule(SluiceOptions options, PageRule pages)
{
    private readonly OriginList _sites = options.Pipekv.AllowedReferers.Length == 0 ? OriginList.Any
        : OriginList.TryParseSites(options.Pipekv.AllowedReferers, out var list) ? list
        : throw new SetupException($"pipekv.allowedReferers must be a list of {OriginList.SiteRule}.");

    /// <summary>Why a request may not be answered; null when it may.</summary>
    public Refusal? Check(HttpRequest request) => pages.Check(request, _sites, allowsNone: true, ErrorCode.RefererRefused);

    /// <summary>Lets a page read the answer, whatever it is: else its player could not say why it failed.</summary>
    public void WriteCors(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlExposeHeaders =
            "Content-Length, Content-Range, ETag, Date, Retry-After, x-cache, x-cache-node, x-kv-version, x-kv-latency-ms";
        if (_sites.IsAny)
        {
            headers.AccessControlAllowOrigin = "*";
            return;
        }

        headers.Append("Vary", PageRule.Vary);

        // What no browser sends is not sent back.
        if (context.Request.Headers.Origin is [{ Length: > 0 } origin] && origin.All(static c => c is > ' ' and <= '~'))
        {
            headers.AccessControlAllowOrigin = origin;
        }
    }
}
