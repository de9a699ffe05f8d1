using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// Whose pages may play: as the title says, else as <c>access.allowedOrigins</c> does, by <see cref="PageRule"/>. A page that is refused can read why:
/// streams answer every origin (<c>Access-Control-Allow-Origin: *</c>), and what protects them is decided here.
/// </summary>
internal sealed class PlaybackOrigins(SluiceOptions options, PageRule pages)
{
    private readonly OriginList _all = OriginList.TryParse(options.Access.AllowedOrigins, out var list)
        ? list
        : throw new SetupException($"access.allowedOrigins must be a list of {OriginList.Rule}.");

    /// <summary>Why the page that asks may not play; null when it may.</summary>
    /// <param name="context">The request; its answer says that it depends on the page when it does.</param>
    /// <param name="own">What the title says; null when it says nothing.</param>
    public Refusal? Check(HttpContext context, OriginList? own)
    {
        var allowed = own ?? _all;
        if (allowed.IsAny)
        {
            return null;
        }

        context.Response.Headers.Append("Vary", PageRule.Vary);
        return pages.Check(context.Request, allowed, options.Access.AllowNoReferer, ErrorCode.OriginRefused);
    }
}
