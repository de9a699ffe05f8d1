using System.Text.Json;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Publishing;

namespace Sluice.Server.Manage;

/// <summary>Publishing for other servers to serve: <c>/api/v1/media/{id}/publish</c>.</summary>
internal static class PublishEndpoints
{
    private const string Rule = "Send a JSON object with `target`, and `form` (`cmaf` or `ts`) where it is to be another than fits the target.";

    /// <summary>Maps the routes.</summary>
    public static void MapPublishing(this IEndpointRouteBuilder routes)
    {
        var publish = routes.MapGroup("/api/v1/media/{id}/publish").WithTags("media").RequireOperator();
        publish.MapPost("/", PublishAsync)
            .Accepts<PublishRequest>("application/json").Produces<PublicationView>(StatusCodes.Status202Accepted)
            .WithSummary("Publish a title to one of the places of `publish.targets`, as static HLS and DASH or as MPEG-TS HLS; again, when it has changed.");
        publish.MapGet("/", ListAsync).Produces<PublicationList>()
            .WithSummary("Where a title is published, how far that is, and where else it can be.");
        publish.MapDelete("/", UnpublishAsync).Produces<PublicationView>(StatusCodes.Status202Accepted)
            .WithSummary("Take a title away from the place `target`.");
    }

    /// <summary>Where a title is published.</summary>
    public static async Task<IReadOnlyList<PublicationView>> ViewsAsync(AssetId id, PublishDesk desk, ProgressBoard board, CancellationToken ct) =>
        [.. (await desk.ListAsync(id, ct)).Select(p => PublicationView.Of(p.Row, p.Job, board))];

    private static async Task<IResult> PublishAsync(AssetId id, HttpContext context, PublishDesk desk, ProgressBoard board, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body || !TryText(body, "target", out var target) || target is null
            || !TryText(body, "form", out var word) || word is not (null or StateNames.Cmaf or StateNames.Ts))
        {
            return Problem.Result(ErrorCode.RequestInvalid, Rule);
        }

        PublicationForm? form = word is null ? null : StateNames.Parse<PublicationForm>(word, StateNames.Name);
        return Shown(await desk.PublishAsync(id, target, form, ct), desk, board);
    }

    private static async Task<IResult> ListAsync(AssetId id, AssetDirectory assets, PublishDesk desk, ProgressBoard board, CancellationToken ct) =>
        await assets.FindAsync(id, ct) is null
            ? Problem.Result(ErrorCode.MediaUnknown)
            : TypedResults.Json(
                new PublicationList(await ViewsAsync(id, desk, board, ct), [.. desk.Places.Select(PublishPlaceView.Of)]), ManageJson.Default.PublicationList);

    private static async Task<IResult> UnpublishAsync(AssetId id, string? target, PublishDesk desk, ProgressBoard board, CancellationToken ct) =>
        string.IsNullOrEmpty(target)
            ? Problem.Result(ErrorCode.RequestInvalid, "Name the place in the query: `?target=…`.")
            : Shown(await desk.UnpublishAsync(id, target, ct), desk, board);

    private static IResult Shown(PublishAnswer answer, PublishDesk desk, ProgressBoard board) => answer.Outcome switch
    {
        PublishOutcome.Begun => TypedResults.Json(
            PublicationView.Of(answer.Row!, answer.Job, board), ManageJson.Default.PublicationView, statusCode: StatusCodes.Status202Accepted),
        PublishOutcome.TargetUnknown => Problem.Result(
            ErrorCode.PublishTargetUnknown,
            desk.Places.Count == 0 ? "The configuration names none." : $"There are: {string.Join(", ", desk.Places.Select(p => p.Name).Order(StringComparer.Ordinal))}."),
        PublishOutcome.MediaUnknown => Problem.Result(ErrorCode.MediaUnknown),
        PublishOutcome.NotReady => Problem.Result(ErrorCode.MediaNotReady, answer.Reason),
        PublishOutcome.Encrypted => Problem.Result(ErrorCode.PublishEncrypted),
        PublishOutcome.Conflict => Problem.Result(ErrorCode.PublishConflict),
        PublishOutcome.NotThere => Problem.Result(ErrorCode.PublicationUnknown),
        PublishOutcome.Busy => Problem.Result(ErrorCode.PublishBusy),
        _ => throw new ArgumentOutOfRangeException(nameof(answer)),
    };

    private static bool TryText(JsonElement body, string name, out string? text)
    {
        text = null;
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is not null;
    }
}
