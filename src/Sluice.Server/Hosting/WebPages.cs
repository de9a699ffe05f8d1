using System.Text;
using Microsoft.Extensions.Primitives;
using Sluice.Server.Access;
using Sluice.Server.Catalog;

namespace Sluice.Server.Hosting;

/// <summary>The web app, embedded in the program: pages, and the files that they load.</summary>
internal static class WebPages
{
    /// <summary>
    /// Only what the app's own build holds, and nothing inline. <c>blob:</c> is how a browser names the MediaSource that a
    /// player feeds, and a poster that was loaded with a key; <c>data:</c>
    /// how hls.js gives each of its subtitles an empty file. Stated for its authors in <c>web/README.md</c>.
    /// </summary>
    private static readonly string ContentSecurityPolicy = PolicyFor("'none'");

    /// <summary>Hashes of the styles that the player's controls bring, written by the app's build; nothing else inline is allowed.</summary>
    private const string StyleHashes = "style-hashes.txt";

    private const string Document = "index.html";

    private const string Why = "the web app holds no data; the API behind it is guarded";
    private const string Hashed = "public, max-age=31536000, immutable";

    private static readonly byte[] NotBuilt = Encoding.UTF8.GetBytes(
        "<!doctype html><meta charset=utf-8><title>Sluice</title><p>Sluice is running, but this build has no web app in it. " +
        "The API is described at <a href=\"/docs\">/docs</a>; <code>./dev build</code> makes one with the web app.");

    /// <summary>The app's pages besides <c>/</c> and the embedded player, which answer in ways of their own.</summary>
    public static readonly IReadOnlyList<string> Paths =
        ["/upload", "/admin", "/watch/{id}", "/channels", "/channels/{name}", "/sessions", "/sessions/{session}", "/published"];

    /// <summary>Maps <c>/</c>, the app's pages, and every embedded file.</summary>
    public static void MapWebPages(this IEndpointRouteBuilder routes)
    {
        foreach (var file in WebFiles.Names.Where(file => file is not (Document or StyleHashes)))
        {
            routes.MapMethods("/" + file, [HttpMethods.Get, HttpMethods.Head], context => SendAsync(context, file))
                .AllowAnyone(Why).ExcludeFromDescription();
        }

        routes.MapMethods("/embed/{id}", [HttpMethods.Get, HttpMethods.Head], (Func<HttpContext, AssetDirectory, SluiceOptions, Task>)EmbedAsync)
            .AllowAnyone(Why).ExcludeFromDescription();
        routes.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], HomeAsync).AllowAnyone(Why).ExcludeFromDescription();
        foreach (var page in Paths)
        {
            routes.MapMethods(page, [HttpMethods.Get, HttpMethods.Head], PageAsync).AllowAnyone(Why).ExcludeFromDescription();
        }
    }

    /// <summary>A page that others put into theirs: those whose pages may play the title, and no more. Whether there is such a title makes no difference.</summary>
    private static async Task EmbedAsync(HttpContext context, AssetDirectory assets, SluiceOptions options)
    {
        var own = AssetId.TryParse(context.Request.RouteValues["id"] as string, null, out var id)
            ? (await assets.FindAsync(id, context.RequestAborted))?.AllowedOrigins
            : null;
        var allowed = own ?? (OriginList.TryParse(options.Access.AllowedOrigins, out var list) ? list : OriginList.None);
        await PageAsync(context, PolicyFor(allowed.IsAny ? "*" : string.Join(' ', ["'self'", .. allowed.Entries.Select(Source)])));
    }

    /// <summary>As a policy names an origin: <c>*.example.com</c> stands for https there too, when it is said (CSP level 3, section 2.3.1).</summary>
    private static string Source(string entry) => entry.StartsWith("*.", StringComparison.Ordinal) ? "https://" + entry : entry;

    private static Task HomeAsync(HttpContext context)
    {
        context.Response.Headers.Append("Vary", "Accept");
        return context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            ? PageAsync(context)
            : HealthEndpoints.HomeAsync(context);
    }

    /// <summary>The one document of the app, whichever page of it was asked for.</summary>
    private static Task PageAsync(HttpContext context) => PageAsync(context, ContentSecurityPolicy);

    private static Task PageAsync(HttpContext context, string policy)
    {
        context.Response.Headers.ContentSecurityPolicy = policy;
        context.Response.Headers.CacheControl = "no-cache";
        return WebFiles.Names.Contains(Document)
            ? WebFiles.SendAsync(context, Document)
            : TypedResults.Bytes(NotBuilt, "text/html; charset=utf-8").ExecuteAsync(context);
    }

    private static Task SendAsync(HttpContext context, string file)
    {
        // Vite puts a hash of the content into the names under assets/.
        context.Response.Headers.CacheControl =
            file.StartsWith("assets/", StringComparison.Ordinal) ? Hashed : new StringValues("no-cache");
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        return WebFiles.SendAsync(context, file);
    }

    /// <summary>The policy of a page that these may put into a frame.</summary>
    private static string PolicyFor(string ancestors)
    {
        using var file = WebFiles.Open(StyleHashes);
        var hashes = file is null ? "" : " " + new StreamReader(file).ReadToEnd();
        return $"default-src 'none'; script-src 'self'; style-src 'self'{hashes}; img-src 'self' blob:; connect-src 'self'; "
            + $"media-src 'self' blob: data:; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}";
    }
}
