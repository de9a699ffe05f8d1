using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;

namespace Sluice.Server.Manage.Proxy;

/// <summary>What <c>sluice doctor --url</c> asks, to see how requests come through the proxies in between: <c>/api/v1/proxy-check</c>.</summary>
internal static class ProxyCheckEndpoints
{
    /// <summary>What all of its routes begin with.</summary>
    public const string Root = "/api/v1/proxy-check";

    private const int PieceBytes = 4096;

    /// <summary>Maps the routes.</summary>
    public static void MapProxyCheck(this IEndpointRouteBuilder routes)
    {
        var check = routes.MapGroup(Root).WithTags("proxy check").RequireOperator();
        check.MapGet("/", (HttpContext context) => TypedResults.Json(ProxyView.Of(context), ManageJson.Default.ProxyView))
            .WithSummary("How this request has come in: who sent it, over which scheme, to which host.");
        check.MapGet("/range", SendRange).Produces(StatusCodes.Status206PartialContent, contentType: "application/octet-stream")
            .WithSummary("Ten bytes, by range.");
        check.MapGet("/live/{meeting}", SendLiveAsync).Produces(StatusCodes.Status200OK, contentType: "text/plain")
            .WithSummary("A body that begins, and ends when the meeting is met: `met`, or `late` when it is not.");
        check.MapPost("/upload/{meeting}", ReceiveAsync).Produces(StatusCodes.Status204NoContent)
            .WithSummary("Meets the meeting as soon as the first byte of the body is here; nothing is kept.");
        check.MapPost("/meetings/{meeting}", (AssetId meeting, ProxyMeetings meetings) =>
        {
            meetings.Arrive(meeting);
            return TypedResults.NoContent();
        }).WithSummary("Meets a meeting.");
        check.MapGet("/meetings/{meeting}", async (AssetId meeting, ProxyMeetings meetings, CancellationToken ct) =>
            TypedResults.Json(new ProxyMeetingView(await meetings.WaitAsync(meeting, ct)), ManageJson.Default.ProxyMeetingView))
            .WithSummary("Waits until a meeting is met.");
    }

    private static IResult SendRange() => Results.Bytes("0123456789"u8.ToArray(), "application/octet-stream", enableRangeProcessing: true);

    /// <summary>As live streams are sent: a proxy that gathers answers keeps the first half until the second comes.</summary>
    private static async Task SendLiveAsync(AssetId meeting, HttpContext context, ProxyMeetings meetings)
    {
        var ct = context.RequestAborted;
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        await context.Response.WriteAsync("begun\n", ct);
        await context.Response.Body.FlushAsync(ct);
        await context.Response.WriteAsync(await meetings.WaitAsync(meeting, ct) ? "met\n" : "late\n", ct);
    }

    private static async Task<IResult> ReceiveAsync(AssetId meeting, HttpContext context, ProxyMeetings meetings)
    {
        BodyLimits.Lift(context); // It announces a film, to see whether one would be let through.
        var piece = new byte[PieceBytes];
        if (await context.Request.Body.ReadAsync(piece, context.RequestAborted) > 0)
        {
            meetings.Arrive(meeting);
        }

        while (await context.Request.Body.ReadAsync(piece, context.RequestAborted) > 0)
        {
            // Until its sender has seen enough and goes.
        }

        return TypedResults.NoContent();
    }
}

/// <summary>Whether the other one came.</summary>
/// <param name="Met">It did.</param>
internal sealed record ProxyMeetingView(bool Met);

/// <summary>How a request came in.</summary>
/// <param name="Home">What absolute links begin with.</param>
/// <param name="Client">Who sent it.</param>
/// <param name="Peer">Who the connection is from: the client, or the last proxy.</param>
/// <param name="Forwarded"><c>none</c> when nobody says for whom it was sent on, <c>untrusted</c> when somebody says so who is not in
/// <c>server.trustedProxies</c>, else <c>trusted</c>.</param>
/// <param name="ClientIsTrusted">The client is one of <c>server.trustedProxies</c> itself, and may say anything.</param>
/// <param name="SaidScheme">What <c>X-Forwarded-Proto</c> said as it came in; empty for nothing.</param>
/// <param name="SaidHost">What <c>X-Forwarded-Host</c> said as it came in; empty for nothing.</param>
internal sealed record ProxyView(string Home, string Client, string Peer, string Forwarded, bool ClientIsTrusted, string SaidScheme, string SaidHost)
{
    private static readonly object Said = new();

    /// <summary>Remembers how a request comes in that will be asked about, before what a trusted proxy says of it is put in the place of that.</summary>
    public static void Note(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments(ProxyCheckEndpoints.Root, StringComparison.Ordinal))
        {
            var headers = context.Request.Headers;
            context.Items[Said] = new SaidBefore(
                ClientAddress.Of(context)?.ToString() ?? "", headers.ContainsKey("X-Forwarded-For"),
                headers["X-Forwarded-Proto"].ToString(), headers["X-Forwarded-Host"].ToString());
        }
    }

    /// <summary>The view of a request.</summary>
    public static ProxyView Of(HttpContext context)
    {
        var address = ClientAddress.Of(context);
        var client = address?.ToString() ?? "";
        var trusted = context.RequestServices.GetRequiredService<SluiceOptions>().Server.TrustedProxies;

        // What was believed is taken away; some of it may be left, which a stranger in front of our proxy has said.
        var isLeft = context.Request.Headers.ContainsKey("X-Forwarded-For");
        var said = context.Items[Said] as SaidBefore ?? new SaidBefore(client, isLeft, "", "");
        return new ProxyView(
            PublicAddress.Of(context.Request),
            client,
            said.Peer,
            !said.IsForwarded ? "none" : isLeft && client == said.Peer ? "untrusted" : "trusted",
            address is not null && trusted.Any(text => AddressRange.TryParse(text, out var range) && range.Contains(address)),
            said.Scheme,
            said.Host);
    }

    private sealed record SaidBefore(string Peer, bool IsForwarded, string Scheme, string Host);
}
