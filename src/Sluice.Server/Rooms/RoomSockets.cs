using Sluice.Server.Access;
using Sluice.Server.Hosting;

namespace Sluice.Server.Rooms;

/// <summary>
/// Makes WebSockets of requests that have passed the gate.
/// <code>
/// AccessGate → door of what the route names → ServeAsync: a page of our own? this node's turn? a WebSocket? → RoomConnection
/// </code>
/// What speaks the protocol is loaded with the first of them, and for no other request.
/// </summary>
internal sealed class RoomSockets
{
    /// <summary>Connections that nothing comes from are asked whether they stand, and ended when there is no answer for as long again.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private readonly RequestDelegate _serve;
    private readonly OpenDoor _openDoor;
    private readonly RoomDirectory _rooms;
    private readonly RoomTurns? _turns;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly ILogger<RoomWatch> _logger;

    public RoomSockets(
        IServiceProvider services, OpenDoor openDoor, RoomDirectory rooms, TimeProvider time, IHostApplicationLifetime lifetime,
        ILogger<RoomWatch> logger, RoomTurns? turns = null)
    {
        (_openDoor, _rooms, _time, _stopping, _logger, _turns) = (openDoor, rooms, time, lifetime.ApplicationStopping, logger, turns);
        var sockets = new ApplicationBuilder(services);
        sockets.UseWebSockets(new WebSocketOptions { KeepAliveInterval = KeepAlive, KeepAliveTimeout = KeepAlive });
        sockets.Run(AcceptAsync);
        _serve = sockets.Build();
    }

    /// <summary>Serves a request to the end of its WebSocket, or says why there is none.</summary>
    /// <param name="context">A request that may play what the door is about.</param>
    /// <param name="door">What it opens.</param>
    public Task ServeAsync(HttpContext context, RoomDoor door)
    {
        // A browser lets any page open a WebSocket to anywhere, cookies included, and asks nobody (RFC 6455 section 10.2).
        if (_openDoor.NamesAnotherSite(context.Request))
        {
            return Problem.WriteAsync(context, ErrorCode.OriginRefused);
        }

        context.Features.Set(door);
        return _turns is not null && door.Subject.Key is { IsOfSession: false } key ? TakeTurnAsync(_turns, key, context) : _serve(context);
    }

    private async Task TakeTurnAsync(RoomTurns turns, RoomKey key, HttpContext context)
    {
        using var stay = await turns.EnterAsync(context, key);
        if (stay is not null)
        {
            context.Features.Set(stay);
            await _serve(context);
        }
    }

    private async Task AcceptAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await Problem.WriteAsync(context, ErrorCode.WebSocketNeeded);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, context.Features.Get<RoomStay>()?.Lost ?? default);
        await new RoomConnection(socket, context.Features.Get<RoomDoor>()!, _rooms, _time, _logger).RunAsync(gone.Token, _stopping);
    }
}
