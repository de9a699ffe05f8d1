namespace Sluice.Server.Access;

/// <summary>
/// What a cache in front of this server asks before it gives out what it has kept: <c>/stream/{id}/allowed</c>, with the query and the headers of the request
/// that it got. The gate answers as it would for a segment, and so knows of expiry, revocation, bound and counted links, and of pages.
/// </summary>
internal static class GateCheck
{
    /// <summary>Maps the route.</summary>
    public static void MapGateCheck(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/stream/{id}/allowed", [HttpMethods.Get, HttpMethods.Head], Allow).RequirePlayback().WithTags("playback")
            .Produces(StatusCodes.Status204NoContent).WithSummary("Whether this link may play the title, for caches that have its segments: 204, or the reason why not.");

    private static IResult Allow(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.NoContent();
    }
}
