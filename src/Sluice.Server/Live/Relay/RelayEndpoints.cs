using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Output;

namespace Sluice.Server.Live.Relay;

/// <summary>What other nodes fetch from the one that pulls a channel.</summary>
internal static class RelayEndpoints
{
    /// <summary>Path of a channel's relay on every node.</summary>
    public static string PathOf(string channel) => $"/nodes/live/{channel}";

    /// <summary>Maps the route.</summary>
    public static void MapRelay(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/nodes/live/{channel}", (RequestDelegate)SendAsync).RequireNode().ExcludeFromDescription();

    private static async Task SendAsync(HttpContext context)
    {
        if (!context.RequestServices.GetRequiredService<ChannelRegistry>().TryGet((string)context.Request.RouteValues["channel"]!, out var channel))
        {
            await Problem.WriteAsync(context, ErrorCode.ChannelUnknown);
            return;
        }

        try
        {
            using var visit = await channel.VisitAsync(VisitKind.Node, context.RequestAborted);
            context.Response.ContentType = RelayFrames.ContentType;
            context.Response.Headers.CacheControl = "no-store";
            using var sender = new RelaySender(visit.Feed, context.Response.BodyWriter, context.RequestServices.GetRequiredService<TimeProvider>());
            var isWhole = await sender.SendAsync(context.RequestAborted);
            visit.Sent(sender.Bytes);
            if (!isWhole)
            {
                context.Abort();
            }
        }
        catch (ChannelException why) when (!context.Response.HasStarted)
        {
            await ChannelProblem.WriteAsync(context, why);
        }
    }
}
