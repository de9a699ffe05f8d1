using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Live.Output;

/// <summary>Routes below <c>/live/{channel}</c>, and the list of all channels.</summary>
internal static class LiveEndpoints
{
    /// <summary>Media type of MPEG-TS (RFC 3555 section 4.2.9).</summary>
    private const string TsType = "video/mp2t";

    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Registers what they need; nothing of it is made before a channel is asked for.</summary>
    public static IServiceCollection AddLiveOutput(this IServiceCollection services) => services
        .AddSingleton<LiveHls>()
        .AddSingleton<ChannelList>();

    /// <summary>Maps the routes.</summary>
    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/channels.m3u", GetAndHead, static (HttpContext c, ChannelList list) => list.SendAsync(c))
            .AllowAnyone("Public channels are for anyone; others are listed for the operator alone.").WithTags("channels")
            .Produces(StatusCodes.Status200OK, contentType: "audio/x-mpegurl").WithSummary("All channels as a list for players.");
        var live = routes.MapGroup("/live/{channel}").RequireChannel().LimitRate(RateKind.Manifests).ExcludeFromDescription();
        live.MapMethods("", GetAndHead, (RequestDelegate)SendEndless);
        live.MapMethods("/index.m3u8", GetAndHead, (RequestDelegate)SendIndex);
        live.MapMethods("/{track}/{file}", GetAndHead, (RequestDelegate)SendFile);
    }

    /// <summary>Sends the endless body of the channel in the route. HEAD is answered as GET would be, as far as that can be said without starting anything.</summary>
    public static Task SendEndless(HttpContext context) => WithChannel(context, static async (c, channel) =>
    {
        if (HttpMethods.IsHead(c.Request.Method))
        {
            await channel.LookAsync(VisitKind.Endless, c.RequestAborted);
            BeginEndless(c.Response);
            return;
        }

        using var visit = await channel.VisitAsync(VisitKind.Endless, c.RequestAborted);
        BeginEndless(c.Response);
        var clock = c.RequestServices.GetRequiredService<TimeProvider>();
        var body = new EndlessBody(visit, clock);
        await using var pass = new PassWatch(c.Features.Get<IChannelPass>()!, clock, c.RequestAborted);
        try
        {
            await body.SendAsync(c.Response.BodyWriter, pass.Token);
        }
        catch (OperationCanceledException) when (pass.HasEnded)
        {
            return; // As an end, so that players do not come back with the same link.
        }

        if (body.IsCut)
        {
            c.Abort();
        }
    });

    private static void BeginEndless(HttpResponse response)
    {
        response.ContentType = TsType;
        response.Headers.CacheControl = "no-cache";
        response.Headers.AcceptRanges = "none";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would gather it in a file first
    }

    private static Task SendIndex(HttpContext context) => WithChannel(context, static (c, channel) => Hls(c).SendIndexAsync(c, channel));

    private static Task SendFile(HttpContext context) => WithChannel(context, static (c, channel) =>
    {
        var track = (string)c.Request.RouteValues["track"]!;
        var file = (string)c.Request.RouteValues["file"]!;
        return file == "index.m3u8" ? Hls(c).SendMediaAsync(c, channel, track) : LiveFiles.SendAsync(c, channel, track, file);
    });

    private static async Task WithChannel(HttpContext context, Func<HttpContext, Channel, Task> send)
    {
        if (!context.RequestServices.GetRequiredService<ChannelRegistry>().TryGet((string)context.Request.RouteValues["channel"]!, out var channel))
        {
            await Problem.WriteAsync(context, ErrorCode.ChannelUnknown);
            return;
        }

        try
        {
            await send(context, channel);
        }
        catch (ChannelException why) when (!context.Response.HasStarted)
        {
            await ChannelProblem.WriteAsync(context, why);
        }
    }

    private static LiveHls Hls(HttpContext context) => context.RequestServices.GetRequiredService<LiveHls>();
}
