using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Sluice.Server.Access;
using Sluice.Server.Store;

namespace Sluice.Server.Hosting;

/// <summary>What holds for every request before anything looks at it: headers that protect browsers, cross-origin reading of streams (of every answer, also
/// of what is refused here), the Host allow-list, and paths that mean what they say.</summary>
internal sealed class RequestRules(RequestDelegate next, SluiceOptions options, RefererRule published)
{
    /// <summary>What a page of another origin may read besides the usual: ranges, and what tus says of an upload.</summary>
    private const string Exposed =
        "Content-Length, Content-Range, ETag, Date, Location, Retry-After, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, " +
        "Tus-Checksum-Algorithm, Upload-Offset, Upload-Length, Upload-Expires, Upload-Metadata, Upload-Concat, Sluice-Media-Id, Sluice-Plays, Sluice-Admin-Key";

    private static readonly string[] OfThisNetwork = [".local", ".home.arpa", ".internal"];

    private readonly HashSet<string> _hosts = new(
        [Bare(options.Server.Host), "localhost", "127.0.0.1", "::1", .. PublicHosts(options.Server)],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Addresses carry tokens, so pages tell them nobody; but where requests must say which page they come from, ours do, to this server alone.</summary>
    private readonly string _referrers = options.Access.AllowNoReferer ? "no-referrer" : "same-origin";

    /// <summary>RFC 6797 section 6.1; names below ours are none of our business.</summary>
    private readonly string? _strictTransport = options.Server.HstsDays == 0
        ? null
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"max-age={options.Server.HstsDays * 86_400L}");

    private readonly bool _boundToAll =
        IPAddress.TryParse(options.Server.Host.Trim('[', ']'), out var address)
        && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = _referrers;
        if (_strictTransport is not null && context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = _strictTransport;
        }

        var request = context.Request;
        var isStream = IsOpenToPages(request);
        if (isStream)
        {
            headers.AccessControlAllowOrigin = "*";
            headers.AccessControlExposeHeaders = "Content-Length, Content-Range, ETag, Date, Retry-After";
        }
        else if (IsPublished(request.Path))
        {
            published.WriteCors(context);
            isStream = true;
        }

        if (!IsOurs(request.Host.Host) && context.Features.Get<PassedOn>() is null) // That node has looked.
        {
            return Problem.WriteAsync(context, ErrorCode.HostRefused);
        }

        if (ChangesElsewhere(context))
        {
            return Problem.WriteAsync(context, ErrorCode.RouteUnknown, "The path has `.` or `..` in it, so it is not the one that it seems to be.");
        }

        return isStream ? Stream(context)
            : options.Server.AllowedOrigins.Length > 0 ? Api(context)
            : next(context);
    }

    /// <summary>Whether a header of an answer is set here.</summary>
    public static bool Sets(string header) =>
        header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)
        || header.ToUpperInvariant() is "VARY" or "X-CONTENT-TYPE-OPTIONS" or "REFERRER-POLICY" or "STRICT-TRANSPORT-SECURITY";

    /// <summary>Names by which the world reaches this server, as configured.</summary>
    public static string[] PublicHosts(ServerOptions server) =>
        [.. server.AllowedHosts.Select(Bare), .. server.PublicUrl is { } url ? (string[])[Bare(new Uri(url).IdnHost)] : []];

    private static string Bare(string host) => host.Trim('[', ']');

    /// <summary>Streams, and channels when a token comes along. Without one a channel is open to whoever is in this network, or to the person at this
    /// machine, which a page that they happen to look at is not (docs/adr/0007-channels-in-the-file-are-public.md).</summary>
    private static bool IsOpenToPages(HttpRequest request) =>
        request.Path.StartsWithSegments("/stream", StringComparison.OrdinalIgnoreCase)
        || (request.Path.StartsWithSegments("/live", StringComparison.OrdinalIgnoreCase)
            && (!Credentials.Query(request, "token").IsEmpty
                || request.Headers.Authorization.Count > 0
                || request.Headers.AccessControlRequestHeaders.ToString().Contains("authorization", StringComparison.OrdinalIgnoreCase)));

    /// <summary>
    /// Any page may read what a stream answers: what protects it is its token, and there are no ambient credentials to ride on
    /// (a browser sends no cookie to <c>*</c>). On errors too, or a player on another site could not say why it failed. Whose pages may play at
    /// all is decided at the gate (<see cref="PlaybackOrigins"/>), and they may read that.
    /// </summary>
    private Task Stream(HttpContext context)
    {
        if (!HttpMethods.IsOptions(context.Request.Method)
            || StringValues.IsNullOrEmpty(context.Request.Headers.AccessControlRequestMethod))
        {
            return next(context);
        }

        var headers = context.Response.Headers;
        headers.AccessControlAllowMethods = "GET, HEAD";
        headers.AccessControlAllowHeaders = "Authorization, Range, If-Range, If-None-Match, If-Modified-Since";
        headers.AccessControlMaxAge = "86400";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>Pages of the configured origins may use all the rest. Who is refused is no secret of ours, so the gate answers them as all others.</summary>
    private Task Api(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Append("Vary", "Origin");
        var origin = context.Request.Headers.Origin.ToString();
        if (!options.Server.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            return next(context);
        }

        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlExposeHeaders = Exposed;
        if (!HttpMethods.IsOptions(context.Request.Method) || StringValues.IsNullOrEmpty(context.Request.Headers.AccessControlRequestMethod))
        {
            return next(context);
        }

        headers.AccessControlAllowMethods = "GET, HEAD, POST, PUT, PATCH, DELETE";
        headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders;
        headers.AccessControlMaxAge = "86400";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>What the key-value store's playlists and segments are asked for by.</summary>
    private static bool IsPublished(PathString path) => path.Value is { } text
        && (text.StartsWith("/ts/", StringComparison.OrdinalIgnoreCase) || text.StartsWith("/m3u8/", StringComparison.OrdinalIgnoreCase)
            || text.Equals("/" + PublishedName.Index, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// A request that would change something other than what it names. Kestrel has taken such segments out of the path (RFC 3986 section 5.2.4), so to remove
    /// the subtitles <c>..</c> of a title would be to remove the title. Clients take them out before they ask; to read is harmless.
    /// </summary>
    private static bool ChangesElsewhere(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method))
        {
            return false;
        }

        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.AsSpan()[..(target.IndexOf('?', StringComparison.Ordinal) is var end and >= 0 ? end : target.Length)];
        foreach (var segment in path.Split('/'))
        {
            if (Uri.UnescapeDataString(path[segment]) is "." or "..")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>DNS rebinding needs a name of the attacker's, so where every address is bound, literal addresses are safe, and names that only the
    /// network itself can give.</summary>
    private bool IsOurs(string host)
    {
        var bare = Bare(host);
        return _hosts.Contains(bare) || (_boundToAll && (IPAddress.TryParse(bare, out _) || IsOfThisNetwork(bare)));
    }

    /// <summary>Names that nobody can register: of one label (RFC 1034 section 3.1 has none such but top-level domains, which have no addresses, ICANN
    /// SAC053), and below what is set aside for networks of one's own (RFC 6762, RFC 8375, ICANN's resolution on .internal).</summary>
    private static bool IsOfThisNetwork(string host) => host.Length > 0
        && (!host.Contains('.', StringComparison.Ordinal)
            || OfThisNetwork.Any(suffix => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)));
}
