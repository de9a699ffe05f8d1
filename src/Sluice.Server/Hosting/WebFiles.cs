using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Sluice.Server.Hosting;

/// <summary>The files of the web app as they lie in the program: each as it is, and beside it as its build compressed it.</summary>
internal static class WebFiles
{
    private const string Prefix = "web/";

    /// <summary>Content codings (RFC 9110 section 8.4.1) and the endings of their files, the better first.</summary>
    private static readonly (string Coding, string Ending)[] Codings = [("br", ".br"), ("gzip", ".gz")];

    /// <summary>Changes with every build that is not the same.</summary>
    private static readonly string Build = typeof(WebFiles).Module.ModuleVersionId.ToString("N");

    private static readonly FrozenSet<string> Resources = Assembly.GetExecutingAssembly().GetManifestResourceNames().ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Every file, by its path in the app's build; compressed ones are not among them.</summary>
    public static FrozenSet<string> Names { get; } = Resources
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && !Array.Exists(Codings, c => name.EndsWith(c.Ending, StringComparison.Ordinal)))
        .Select(name => name[Prefix.Length..])
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>A file as it is; null when there is none of that name.</summary>
    public static Stream? Open(string name) => Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name);

    /// <summary>Sends a file in the best way that the client takes; nothing but the head when it has it already.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static Task SendAsync(HttpContext context, string name)
    {
        var headers = context.Response.Headers;
        (string Coding, string Ending)[] made = Array.FindAll(Codings, c => Resources.Contains(Prefix + name + c.Ending));
        var (coding, ending) = Choose(context.Request, made);
        if (made.Length > 0)
        {
            headers.Append("Vary", "Accept-Encoding");
        }

        if (coding.Length > 0)
        {
            headers.ContentEncoding = coding;
        }

        // Each coding is a representation of its own (RFC 9110 section 8.8.3.3), and so is each policy: what a browser has keeps the one that it came with.
        var policy = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(headers.ContentSecurityPolicy.ToString()))[..6]);
        var tag = new EntityTagHeaderValue($"\"{Build}-{policy}{ending}\"");
        return TypedResults.Stream(Open(name + ending)!, TypeOf(name), entityTag: tag).ExecuteAsync(context);
    }

    /// <summary>What the client likes best of these, of equals the first; nothing when it names none of them (RFC 9110 section 12.5.3).</summary>
    private static (string Coding, string Ending) Choose(HttpRequest request, (string Coding, string Ending)[] made)
    {
        var best = ("", "");
        var liking = 0.0;
        if (made.Length > 0 && StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted))
        {
            foreach (var choice in made)
            {
                var said = accepted.FirstOrDefault(a => a.Value.Equals(choice.Coding, StringComparison.OrdinalIgnoreCase))
                    ?? accepted.FirstOrDefault(a => a.Value == "*");
                if (said is not null && (said.Quality ?? 1) > liking)
                {
                    (best, liking) = (choice, said.Quality ?? 1);
                }
            }
        }

        return best;
    }

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
