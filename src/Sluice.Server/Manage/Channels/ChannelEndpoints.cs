using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Recordings;

namespace Sluice.Server.Manage.Channels;

/// <summary>Channels: <c>/api/v1/channels</c>.</summary>
internal static class ChannelEndpoints
{
    /// <summary>Maps the routes.</summary>
    public static void MapChannels(this IEndpointRouteBuilder routes)
    {
        var channels = routes.MapGroup("/api/v1/channels").WithTags("channels").RequireOperator();
        channels.MapGet("/", List)
            .WithSummary("All channels, by name: those of the configuration file and those made here.");
        channels.MapGet("/{name}", Get).Produces<ChannelView>()
            .WithSummary("One channel. Addresses are shown without user, password and query.");
        channels.MapPut("/{name}", PutAsync)
            .Accepts<ChannelRequest>("application/json").Produces<ChannelView>().Produces<ChannelView>(StatusCodes.Status201Created)
            .WithSummary("Make a channel, or make it anew: what is not named is as by default. An address sent as it was shown keeps its secrets.");
        channels.MapPatch("/{name}", ChangeAsync)
            .Accepts<ChannelRequest>("application/json").Produces<ChannelView>()
            .WithSummary("Change a channel: what is not named stays.");
        channels.MapDelete("/{name}", RemoveAsync).Produces(StatusCodes.Status204NoContent)
            .WithSummary("Remove a channel; whoever watches comes to the end.");
        channels.MapGet("/{name}/status", Status).Produces<ChannelStatusView>()
            .WithSummary("How a channel is: state and why, upstream, viewers, bitrate, log, latency, counters, recording.");
        channels.MapChannelTokens();
        channels.MapChannelTest();
        channels.MapRecordings();
    }

    private static JsonHttpResult<ChannelList> List(
        ChannelRegistry registry, ChannelPlayback playback, ConfigurationReport configuration, HttpRequest request) => TypedResults.Json(
            new ChannelList([.. registry.All.Select(channel => ChannelView.Of(channel, playback.Of(request, channel)))], configuration.Problem),
            ManageJson.Default.ChannelList);

    private static IResult Get(string name, ChannelRegistry registry, ChannelPlayback playback, HttpRequest request) =>
        registry.TryGet(name, out var channel) ? Shown(channel, playback, request) : Problem.Result(ErrorCode.ChannelUnknown);

    private static IResult Status(string name, ChannelRegistry registry, RecordingDesk recordings) => registry.TryGet(name, out var channel)
        ? TypedResults.Json(ChannelStatusView.Of(name, channel.Status(), recordings.Of(name)), ManageJson.Default.ChannelStatusView)
        : Problem.Result(ErrorCode.ChannelUnknown);

    private static Task<IResult> PutAsync(
        string name, HttpRequest request, ChannelDesk desk, ChannelRegistry registry, ChannelPlayback playback, CancellationToken ct) =>
        WriteAsync(name, request, desk, registry, playback, isWhole: true, ct);

    private static Task<IResult> ChangeAsync(
        string name, HttpRequest request, ChannelDesk desk, ChannelRegistry registry, ChannelPlayback playback, CancellationToken ct) =>
        WriteAsync(name, request, desk, registry, playback, isWhole: false, ct);

    private static async Task<IResult> WriteAsync(
        string name, HttpRequest request, ChannelDesk desk, ChannelRegistry registry, ChannelPlayback playback, bool isWhole, CancellationToken ct)
    {
        if (ChannelBody.NameProblem(name) is { } misnamed)
        {
            return isWhole ? Problem.Result(ErrorCode.RequestInvalid, misnamed) : Problem.Result(ErrorCode.ChannelUnknown);
        }

        if (IsConfigured(registry, name))
        {
            return Problem.Result(ErrorCode.ChannelConfigured);
        }

        if (await JsonBody.ReadAsync(request, ct) is not { } body)
        {
            return Problem.Result(ErrorCode.RequestInvalid, "Send a JSON object.");
        }

        string? problem = null;
        var written = await desk.PutAsync(
            name,
            old =>
            {
                if (old is null && (!isWhole || desk.Count >= ChannelDesk.Most))
                {
                    problem = isWhole ? $"There are {ChannelDesk.Most} channels already, which is as many as there may be." : null;
                    return null;
                }

                (var made, problem) = ChannelBody.Read(body, isWhole || old is null ? ChannelBody.New(name) : old, old);
                return made;
            },
            ct);
        return (written, problem) switch
        {
            ({ } done, _) when registry.TryGet(name, out var channel) => Shown(channel, playback, request, done.IsNew),
            (_, { } rule) => Problem.Result(ErrorCode.RequestInvalid, rule),
            _ => Problem.Result(ErrorCode.ChannelUnknown),
        };
    }

    private static async Task<IResult> RemoveAsync(string name, ChannelDesk desk, ChannelRegistry registry, CancellationToken ct)
    {
        if (IsConfigured(registry, name))
        {
            return Problem.Result(ErrorCode.ChannelConfigured);
        }

        return await desk.RemoveAsync(name, ct) ? TypedResults.NoContent() : Problem.Result(ErrorCode.ChannelUnknown);
    }

    private static bool IsConfigured(ChannelRegistry registry, string name) =>
        registry.TryGet(name, out var channel) && channel.Definition.Origin == ChannelOrigin.Configuration;

    private static JsonHttpResult<ChannelView> Shown(Channel channel, ChannelPlayback playback, HttpRequest request, bool isNew = false)
    {
        if (isNew)
        {
            request.HttpContext.Response.Headers.Location = $"/api/v1/channels/{channel.Definition.Name}";
        }

        return TypedResults.Json(
            ChannelView.Of(channel, playback.Of(request, channel)), ManageJson.Default.ChannelView,
            statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
