using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Output;

namespace Sluice.Server.Compat;

/// <summary>
/// StreamPipe's addresses over the same channels as the native ones: <c>GET /name</c> is <c>GET /live/name</c>. Its <c>/</c> and <c>/health</c> are this
/// server's own, and so are the pages, whose paths win over channels of their name. What is no channel is answered as any unknown address.
/// </summary>
internal static class StreamPipe
{
    /// <summary>Maps the route.</summary>
    public static void MapStreamPipe(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/{channel}", [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)LiveEndpoints.SendEndless)
            .RequireChannel(ErrorCode.RouteUnknown).LimitRate(RateKind.Manifests)
            .WithTags("StreamPipe").WithSummary("The endless MPEG-TS body of a channel.");
}
