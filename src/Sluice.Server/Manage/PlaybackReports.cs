using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Manage;

/// <summary>
/// How playbacks went, told by our own pages when they are left: <c>/api/v1/media/{id}/playbacks</c>. Nothing of it says who watched, and with
/// <c>quality.reports</c> off no page tells anything, and nothing is kept.
/// </summary>
internal static class PlaybackReports
{
    /// <summary>Playbacks that are looked at for an answer.</summary>
    private const int Newest = 200;

    private const int LongestError = 40;
    private const string Rule = "Send a JSON object with `kind` (`hls` or `dash`), `startupMs` (or null), `watchedSeconds`, `stalls`, `stalledMs`, `switches`, `droppedFrames` and `error` (or null).";

    /// <summary>Maps the routes.</summary>
    public static void MapPlaybackReports(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/media/{id}/playbacks", TellAsync).RequirePlayback().WithTags("media")
            .WithMetadata(CountsNoView.Instance).LimitRate(RateKind.Tokens)
            .Accepts<PlaybackReport>("application/json").Produces(StatusCodes.Status204NoContent)
            .WithSummary("How a playback went, told by its player at the end; by the token that it played with.");
        routes.MapGet("/api/v1/media/{id}/playbacks", ListAsync).RequireAssetAdmin().WithTags("media")
            .Produces<PlaybackSummary>()
            .WithSummary("How the newest playbacks of a title went.");
    }

    private static async Task<IResult> TellAsync(
        AssetId id, HttpContext context, IPlaybackCatalog catalog, SluiceOptions options, TimeProvider clock, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body || RowOf(id, body, clock.GetUtcNow()) is not { } row)
        {
            return Problem.Result(ErrorCode.RequestInvalid, Rule);
        }

        if (options.Quality.Reports)
        {
            await catalog.AddPlaybackAsync(row, ct);
        }

        return TypedResults.NoContent();
    }

    private static async Task<JsonHttpResult<PlaybackSummary>> ListAsync(AssetId id, IPlaybackCatalog catalog, CancellationToken ct)
    {
        var rows = await catalog.ListPlaybacksAsync(id, Newest, ct);
        var starts = rows.Select(row => row.StartupMs).OfType<int>().Order().ToArray();
        return TypedResults.Json(
            new PlaybackSummary(
                starts.Length == 0 ? null : starts[starts.Length / 2],
                starts.Length == 0 ? null : starts[Math.Min(starts.Length - 1, starts.Length * 95 / 100)],
                rows.Sum(row => (long)row.WatchedSeconds),
                rows.Sum(row => row.Stalls),
                rows.Sum(row => (long)row.StalledMs),
                rows.Count(row => row.Error is not null),
                [.. rows.Select(row => new PlaybackView(
                    row.At, row.Kind, row.StartupMs, row.WatchedSeconds, row.Stalls, row.StalledMs, row.Switches, row.DroppedFrames, row.Error))]),
            ManageJson.Default.PlaybackSummary);
    }

    private static PlaybackRow? RowOf(AssetId id, JsonElement body, DateTimeOffset now)
    {
        var kind = body.TryGetProperty("kind", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        var numbers = ((string[])["watchedSeconds", "stalls", "stalledMs", "switches", "droppedFrames"]).Select(name => NumberOf(body, name)).ToArray();
        var startup = NumberOf(body, "startupMs");
        return kind is not ("hls" or "dash") || numbers.Any(n => n is null) || !TryError(body, out var error)
            ? null
            : new PlaybackRow(id, now, kind, startup, numbers[0]!.Value, numbers[1]!.Value, numbers[2]!.Value, numbers[3]!.Value, numbers[4]!.Value, error);
    }

    private static int? NumberOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0 ? number : null;

    /// <summary>A stable name, as those of the error table; it is shown to the operator.</summary>
    private static bool TryError(JsonElement body, out string? error)
    {
        error = null;
        if (!body.TryGetProperty("error", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        error = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return error is { Length: > 0 and <= LongestError } && error.All(c => char.IsAsciiLetterLower(c) || c == '-');
    }
}

/// <summary>How a playback went.</summary>
/// <param name="Kind"><c>hls</c> or <c>dash</c>.</param>
/// <param name="StartupMs">Milliseconds until something was seen; null when nothing ever was.</param>
/// <param name="WatchedSeconds">Seconds that were played.</param>
/// <param name="Stalls">Times that it stopped by itself.</param>
/// <param name="StalledMs">Milliseconds that it stood, in all.</param>
/// <param name="Switches">Changes of quality.</param>
/// <param name="DroppedFrames">Pictures that were not shown.</param>
/// <param name="Error">Why it ended; null when it did not fail.</param>
internal sealed record PlaybackReport(
    string Kind, int? StartupMs, int WatchedSeconds, int Stalls, int StalledMs, int Switches, int DroppedFrames, string? Error);

/// <summary>How a playback went, and when; fields as in <see cref="PlaybackReport"/>.</summary>
internal sealed record PlaybackView(
    DateTimeOffset At, string Kind, int? StartupMs, int WatchedSeconds, int Stalls, int StalledMs, int Switches, int DroppedFrames, string? Error);

/// <summary>How the newest playbacks of a title went, together.</summary>
/// <param name="MedianStartupMs">Half of them began within so many milliseconds; null without any.</param>
/// <param name="P95StartupMs">95 of a hundred did.</param>
/// <param name="WatchedSeconds">Played in all.</param>
/// <param name="Stalls">Stops in all.</param>
/// <param name="StalledMs">Stood in all.</param>
/// <param name="Failed">How many ended with an error.</param>
/// <param name="Items">Each, newest first.</param>
internal sealed record PlaybackSummary(
    int? MedianStartupMs, int? P95StartupMs, long WatchedSeconds, int Stalls, long StalledMs, int Failed, IReadOnlyList<PlaybackView> Items);
