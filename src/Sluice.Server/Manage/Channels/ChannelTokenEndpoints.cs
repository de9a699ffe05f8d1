using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Manage.Channels;

/// <summary>Playback tokens of channels: <c>/api/v1/channels/{name}/tokens</c>.</summary>
internal static class ChannelTokenEndpoints
{
    /// <summary>Maps the routes.</summary>
    public static void MapChannelTokens(this RouteGroupBuilder channels)
    {
        channels.MapPost("/{name}/tokens", IssueAsync).LimitRate(RateKind.Tokens).Audit("link-made")
            .Accepts<TokenRequest>("application/json").Produces<ChannelLinks>(StatusCodes.Status201Created)
            .WithSummary("A new playback token and its links.");
        channels.MapDelete("/{name}/tokens", RevokeAsync).Audit("links-revoked").Produces(StatusCodes.Status204NoContent)
            .WithSummary("Revoke every playback token of a channel that was made by the API.");
    }

    private static async Task<IResult> IssueAsync(
        string name, HttpRequest request, ChannelRegistry registry, ChannelPlayback playback, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(request, ct) is not { } body || !JsonBody.TryMinutes(body, out _, out var minutes))
        {
            return Problem.Result(ErrorCode.RequestInvalid, "Send nothing, or a JSON object with `expiresInMinutes` (1 or more).");
        }

        return registry.TryGet(name, out _)
            ? TypedResults.Json(
                playback.WithToken(request, name, minutes is { } life ? TimeSpan.FromMinutes(life) : null),
                ManageJson.Default.ChannelLinks,
                statusCode: StatusCodes.Status201Created)
            : Problem.Result(ErrorCode.ChannelUnknown);
    }

    private static async Task<IResult> RevokeAsync(string name, ChannelDesk desk, ChannelRegistry registry, CancellationToken ct)
    {
        if (!registry.TryGet(name, out var channel))
        {
            return Problem.Result(ErrorCode.ChannelUnknown);
        }

        if (channel.Definition.Origin == ChannelOrigin.Configuration)
        {
            return Problem.Result(
                ErrorCode.ChannelConfigured,
                "Playback tokens of a channel of the configuration file end with the signing secret (access.secret), or when the channel is given another name.");
        }

        return await desk.RevokeAsync(name, ct) ? TypedResults.NoContent() : Problem.Result(ErrorCode.ChannelUnknown);
    }
}
