using System.Text.Json;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Live.Channels;
using Sluice.Server.Recordings;

namespace Sluice.Server.Manage.Channels;

/// <summary>Recordings of channels: <c>/api/v1/channels/{name}/record</c>.</summary>
internal static class RecordingEndpoints
{
    private const double MostMinutesBack = 24 * 60;
    private const double MostSeconds = 7 * 24 * 3600;

    private static readonly string Shape =
        $"Send nothing, or a JSON object with `minutesBack` (0 to {MostMinutesBack}), `seconds` (1 to {MostSeconds}) and `title`.";

    /// <summary>Maps the routes.</summary>
    public static void MapRecordings(this RouteGroupBuilder channels)
    {
        channels.MapPost("/{name}/record", StartAsync)
            .Accepts<RecordingRequest>("application/json").Produces<RecordingView>(StatusCodes.Status202Accepted)
            .WithSummary("Record a channel, from now or from some minutes ago as far as they are still there. It becomes a title when it ends.");
        channels.MapDelete("/{name}/record", Stop).Produces<RecordingView>(StatusCodes.Status202Accepted)
            .WithSummary("End the recording; the title of its id is there in a moment.");
    }

    private static async Task<IResult> StartAsync(
        string name, HttpContext context, ChannelRegistry registry, RecordingDesk desk, CancellationToken ct)
    {
        if (!registry.TryGet(name, out var channel))
        {
            return Problem.Result(ErrorCode.ChannelUnknown);
        }

        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body || WishOf(body) is not { } wish)
        {
            return Problem.Result(ErrorCode.RequestInvalid, Shape);
        }

        try
        {
            var recording = await desk.StartAsync(channel, wish, ct);
            context.Response.Headers.Location = $"/api/v1/imports/{recording.Id}";
            return TypedResults.Json(RecordingView.Of(recording), ManageJson.Default.RecordingView, statusCode: StatusCodes.Status202Accepted);
        }
        catch (ChannelException e)
        {
            if (e.Code.Status == StatusCodes.Status503ServiceUnavailable)
            {
                context.Response.Headers.RetryAfter = "5";
            }

            return Problem.Result(e.Code, e.Message);
        }
    }

    private static IResult Stop(string name, ChannelRegistry registry, RecordingDesk desk)
    {
        if (desk.Stop(name) is { } recording)
        {
            return TypedResults.Json(RecordingView.Of(recording), ManageJson.Default.RecordingView, statusCode: StatusCodes.Status202Accepted);
        }

        return Problem.Result(registry.TryGet(name, out _) ? ErrorCode.RecordingUnknown : ErrorCode.ChannelUnknown);
    }

    private static RecordingWish? WishOf(JsonElement body)
    {
        string? title = null;
        if (body.TryGetProperty("title", out var text) && text.ValueKind != JsonValueKind.Null
            && !(text.ValueKind == JsonValueKind.String && UploadFields.TryTitle(text.GetString(), out title)))
        {
            return null;
        }

        return TryNumber(body, "minutesBack", 0, MostMinutesBack, out var back) && TryNumber(body, "seconds", 1, MostSeconds, out var seconds)
            ? new RecordingWish(title, TimeSpan.FromMinutes(back ?? 0), seconds is { } length ? TimeSpan.FromSeconds(length) : null)
            : null;
    }

    private static bool TryNumber(JsonElement body, string name, double least, double most, out double? number)
    {
        number = null;
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var given) || !(given >= least && given <= most))
        {
            return false;
        }

        number = given;
        return true;
    }
}

/// <summary>A wish for a recording.</summary>
/// <param name="MinutesBack">How long before now it is to begin; 0 by default. The channel's memory (<c>bufferBytes</c>) is how far back that can be.</param>
/// <param name="Seconds">How long it goes on from now; until it is ended when absent.</param>
/// <param name="Title">Of the title that it becomes; the channel's and the time when absent.</param>
internal sealed record RecordingRequest(double? MinutesBack, double? Seconds, string? Title);
