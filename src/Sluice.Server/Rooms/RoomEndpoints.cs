using Microsoft.AspNetCore.Http.Features;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Rooms;

/// <summary>The rooms' WebSockets. Whoever may play something may come into its room.</summary>
internal static class RoomEndpoints
{
    /// <summary>Registers what rooms need; nothing of it is made before somebody comes.</summary>
    public static IServiceCollection AddRooms(this IServiceCollection services, ClusterOptions cluster)
    {
        if (cluster.Address is not null)
        {
            services.AddSingleton<RoomTurns>();
        }

        return services.AddSingleton<RoomDirectory>().AddSingleton<RoomSockets>();
    }

    /// <summary>Maps the routes.</summary>
    public static void MapRooms(this IEndpointRouteBuilder routes)
    {
        var rooms = routes.MapGroup("/api/v1/rooms").WithTags("rooms");
        rooms.MapGet("/asset/{id}", EnterAssetRoom).RequirePlayback().WithMetadata(CountsNoView.Instance).WithMetadata(AnswersAnywhere.Instance)
            .Produces(StatusCodes.Status101SwitchingProtocols)
            .WithSummary("A WebSocket: a title watched together. docs/rooms.md has its messages.");
        rooms.MapGet("/channel/{channel}", EnterChannelRoom).RequireChannel()
            .Produces(StatusCodes.Status101SwitchingProtocols)
            .WithSummary("A WebSocket: who watches a channel, and their chat. docs/rooms.md has its messages.");
    }

    private static Task EnterAssetRoom(AssetId id, HttpContext context, RoomSockets sockets, AssetDirectory assets, TimeProvider clock)
    {
        var pass = context.Features.GetRequiredFeature<IPlayableFeature>();
        var length = pass.Asset.DurationSeconds > 0 ? pass.Asset.DurationSeconds : double.PositiveInfinity;
        return sockets.ServeAsync(context, new RoomDoor(new RoomSubject(RoomKey.Asset(id), IsSynchronized: true, length), async ct =>
            clock.GetUtcNow() < pass.ExpiresAt && await assets.FindAsync(id, ct) is { } now && now.Epoch == pass.Asset.Epoch));
    }

    private static Task EnterChannelRoom(string channel, HttpContext context, RoomSockets sockets)
    {
        var pass = context.Features.GetRequiredFeature<IChannelPass>();
        return sockets.ServeAsync(context, new RoomDoor(
            new RoomSubject(RoomKey.Channel(channel), IsSynchronized: false), _ => ValueTask.FromResult(pass.Holds())));
    }
}
