using System.Reflection;
using System.Text;
using Microsoft.Extensions.Primitives;
using Sluice.Server.Access;

namespace Sluice.Server.Hosting;

/// <summary>The web app, embedded in the program: pages, and the files that they load.</summary>
internal static class WebPages
{
    /// <summary>
    /// Only what the app's own build holds, and nothing inline. <c>blob:</c> is how a browser names the MediaSource that a
    /// player feeds, and a poster that was loaded with a key; <c>data:</c>
    /// how hls.js gives each of its subtitles an empty file. Stated for its authors in <c>web/README.md</c>.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
        "media-src 'self' blob: data:; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private const string Prefix = "web/";
    private const string Why = "the web app holds no data; the API behind it is guarded";
    private const string Hashed = "public, max-age=31536000, immutable";

    private static readonly byte[] NotBuilt = Encoding.UTF8.GetBytes(
        "<!doctype html><meta charset=utf-8><title>Sluice</title><p>Sluice is running, but this build has no web app in it. " +
        "The API is described at <a href=\"/docs\">/docs</a>; <code>./dev build</code> makes one with the web app.");

    /// <summary>Maps <c>/</c>, the app's pages, and every embedded file.</summary>
    public static void MapWebPages(this IEndpointRouteBuilder routes)
    {
        var files = typeof(WebPages).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..].Replace('\\', '/'));
        foreach (var file in files.Where(file => file != "index.html"))
        {
            routes.MapMethods("/" + file, [HttpMethods.Get, HttpMethods.Head], context => SendAsync(context, file))
                .AllowAnyone(Why).ExcludeFromDescription();
        }

        routes.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], HomeAsync).AllowAnyone(Why).ExcludeFromDescription();
        foreach (var page in (string[])["/upload", "/admin", "/watch/{id}", "/channels", "/channels/{name}", "/sessions", "/sessions/{session}"])
        {
            routes.MapMethods(page, [HttpMethods.Get, HttpMethods.Head], PageAsync).AllowAnyone(Why).ExcludeFromDescription();
        }
    }

    private static Task HomeAsync(HttpContext context)
    {
        context.Response.Headers.Vary = "Accept";
        return context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            ? PageAsync(context)
            : HealthEndpoints.HomeAsync(context);
    }

    /// <summary>The one document of the app, whichever page of it was asked for.</summary>
    private static Task PageAsync(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers.CacheControl = "no-cache";
        return Open("index.html") is { } page
            ? SendAsync(context, page, "text/html; charset=utf-8")
            : SendAsync(context, new MemoryStream(NotBuilt), "text/html; charset=utf-8");
    }

    private static Task SendAsync(HttpContext context, string file)
    {
        // Vite puts a hash of the content into the names under assets/.
        context.Response.Headers.CacheControl =
            file.StartsWith("assets/", StringComparison.Ordinal) ? Hashed : new StringValues("no-cache");
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        return SendAsync(context, Open(file)!, TypeOf(file));
    }

    private static async Task SendAsync(HttpContext context, Stream content, string type)
    {
        await using (content)
        {
            context.Response.ContentType = type;
            context.Response.ContentLength = content.Length;
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await content.CopyToAsync(context.Response.Body, context.RequestAborted);
            }
        }
    }

    private static Stream? Open(string file) => Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + file);

    private static string TypeOf(string file) => Path.GetExtension(file) switch
    {
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".html" => "text/html; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".json" or ".map" => "application/json",
        ".webmanifest" => "application/manifest+json",
        ".txt" => "text/plain; charset=utf-8",
        ".wasm" => "application/wasm",
        _ => "application/octet-stream",
    };
}
