using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Jobs;
using Sluice.Server.Publishing;

namespace Sluice.Server.Manage;

/// <summary>The native media API: <c>/api/v1/media</c>.</summary>
internal static class MediaEndpoints
{
    private const int MostJobs = 200;

    /// <summary>Maps the routes.</summary>
    public static void MapMedia(this IEndpointRouteBuilder routes)
    {
        var media = routes.MapGroup("/api/v1/media").WithTags("media");
        media.MapPost("/", UploadAsync).RequireOperator().LimitRate(RateKind.Uploads).Audit("admin-key-made")
            .Accepts<IFormFile>("multipart/form-data").Produces<MediaView>(StatusCodes.Status201Created)
            .WithSummary("Publish a file: multipart field `media`, fields `title`, `expiresInMinutes` and `burnSubtitles` (track number or language of subtitles that are pictures) before it.");
        media.MapGet("/", LibraryList.ListAsync).RequireOperator().Produces<MediaPage>()
            .WithSummary("The library, newest first: `search` for words in title and file name, `state` for some states (comma-separated), `sort` by `newest`, `oldest`, `title`, `longest` or `largest`.");
        media.MapGet("/{id}", GetAsync).RequireAssetReader().Produces<MediaView>()
            .WithSummary("One title; with a playback token also its links.");
        media.MapPatch("/{id}", ChangeAsync).RequireAssetAdmin()
            .Accepts<MediaChange>("application/json").Produces<MediaView>()
            .WithSummary("Change title, expiry (minutes from now; null for ever), `allowedOrigins` (whose pages may play it; null as configured), `downloads` (whether viewers may have its file; null as configured) or `encryption` (`aes-128` or null).");
        media.MapDelete("/{id}", DeleteAsync).RequireAssetAdmin().Audit("title-deleted").Produces(StatusCodes.Status204NoContent)
            .WithSummary("Remove a title and its files.");
        media.MapPost("/{id}/prepare", PrepareAsync).RequireAssetAdmin()
            .Produces<JobView>(StatusCodes.Status202Accepted).Produces(StatusCodes.Status204NoContent)
            .WithSummary("Look again at a file that does not play, after ffmpeg was installed for example; 204 when it plays.");
        media.MapPost("/{id}/tokens", IssueAsync).RequireAssetAdmin().LimitRate(RateKind.Tokens).Audit("link-made")
            .Accepts<LinkRequest>("application/json").Produces<PlaybackLinks>(StatusCodes.Status201Created)
            .WithSummary("A new playback token and its links; `boundTo` (address or network) and `maxViews` narrow it.");
        media.MapDelete("/{id}/tokens", RevokeAsync).RequireAssetAdmin().Audit("links-revoked").Produces(StatusCodes.Status204NoContent)
            .WithSummary("Revoke every playback token of a title.");
    }

    private static async Task<IResult> UploadAsync(
        HttpContext context, MediaIntake intake, PlaybackTokens tokens, string? title, string? expiresInMinutes, string? burnSubtitles)
    {
        if (!UploadFields.TryTitle(title, out var kept))
        {
            return Problem.Result(ErrorCode.RequestInvalid, UploadFields.TitleRule);
        }

        if (!UploadFields.TryMinutes(expiresInMinutes, out var minutes))
        {
            return Problem.Result(ErrorCode.RequestInvalid, UploadFields.MinutesRule);
        }

        if (!UploadFields.TryBurn(burnSubtitles, out var burn))
        {
            return Problem.Result(ErrorCode.RequestInvalid, UploadFields.BurnRule);
        }

        var result = await intake.ReceiveAsync(context, new IntakeRequest("native", kept, minutes) { BurnSubtitles = burn });
        if (result.Asset is not { } asset)
        {
            return Problem.Result(result.Error!, result.Detail);
        }

        context.Request.RouteValues["id"] = asset.Id.Value; // For the audit.
        var view = MediaView.Of(asset, null, result.AdminKey, LinksOf(context.Request, asset, tokens.Issue(asset)));
        return TypedResults.Json(view, ManageJson.Default.MediaView, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> GetAsync(
        AssetId id, HttpContext context, AssetDirectory assets, ArrivalDesk arrivals, PublishDesk publishing, ProgressBoard board, CancellationToken ct)
    {
        if (context.Features.Get<IPlayableFeature>() is { } playable)
        {
            var token = new IssuedToken(playable.Token, playable.ExpiresAt);
            return Shown(MediaView.Of(playable.Asset, arrivals.StatusOf(id), playback: LinksOf(context.Request, playable.Asset, token)));
        }

        return await assets.FindAsync(id, ct) is { } asset
            ? Shown(MediaView.Of(asset, arrivals.StatusOf(id)) with { Publications = await PublishEndpoints.ViewsAsync(id, publishing, board, ct) })
            : Problem.Result(ErrorCode.MediaUnknown);
    }

    private static async Task<IResult> ChangeAsync(
        AssetId id, HttpContext context, AssetDirectory assets, ArrivalDesk arrivals, PublishDesk publishing, TimeProvider clock, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body
            || !JsonBody.TryMinutes(body, out var expiryGiven, out var minutes))
        {
            return Problem.Result(ErrorCode.RequestInvalid,
                "Send a JSON object with `title` (text), `expiresInMinutes` (1 or more, or null), `allowedOrigins` (a list, or null), `downloads` (true, false or null) or `encryption` (`aes-128`, or null).");
        }

        if (!JsonBody.TryOrigins(body, out var originsGiven, out var origins))
        {
            return Problem.Result(ErrorCode.RequestInvalid, JsonBody.OriginsRule);
        }

        if (!JsonBody.TryEncryption(body, out var encryptionGiven, out var isEncrypted))
        {
            return Problem.Result(ErrorCode.RequestInvalid, $"`encryption` is `{SegmentSecret.Method}` or null.");
        }

        if (!JsonBody.TryDownloads(body, out var downloadsGiven, out var downloads))
        {
            return Problem.Result(ErrorCode.RequestInvalid, "`downloads` is true, false or null.");
        }

        if (encryptionGiven && await assets.FindAsync(id, ct) is { State: AssetState.Arriving })
        {
            return Problem.Result(ErrorCode.MediaArriving, "What arrives is sent as it is; encrypt it when it has arrived.");
        }

        if (isEncrypted && await assets.FindAsync(id, ct) is { Secret: null } && await publishing.IsPublishedAsync(id, ct))
        {
            return Problem.Result(ErrorCode.MediaPublished);
        }

        string? title = null;
        if (body.TryGetProperty("title", out var given)
            && !(given.ValueKind == JsonValueKind.String
                && UploadFields.TryTitle(given.GetString(), out title)
                && title is not null))
        {
            return Problem.Result(ErrorCode.RequestInvalid, UploadFields.TitleRule);
        }

        var now = clock.GetUtcNow();
        var changed = await assets.UpdateAsync(id, asset => (encryptionGiven ? Encrypted(asset, isEncrypted) : asset) with
        {
            Title = title ?? asset.Title,
            ExpiresAt = expiryGiven ? (minutes is { } life ? now.AddMinutes(life) : null) : asset.ExpiresAt,
            ExpiryMinutes = expiryGiven ? minutes : asset.ExpiryMinutes,
            AllowedOrigins = originsGiven ? origins : asset.AllowedOrigins,
            Extras = downloadsGiven ? asset.Extras with { Downloads = downloads } : asset.Extras,
            UpdatedAt = now,
        }, ct);
        return changed is null ? Problem.Result(ErrorCode.MediaUnknown) : Shown(MediaView.Of(changed, arrivals.StatusOf(id)));
    }

    /// <summary>Taken away and given again, the secret is another.</summary>
    private static Asset Encrypted(Asset asset, bool isEncrypted) => asset.Secret is not null == isEncrypted ? asset : asset with
    {
        Secret = isEncrypted ? SegmentSecret.New() : null,
        Revision = asset.Revision + 1,
    };

    private static async Task<IResult> DeleteAsync(AssetId id, AssetRemoval removal, CancellationToken ct) =>
        await removal.RemoveAsync(id, ct) ? TypedResults.NoContent() : Problem.Result(ErrorCode.MediaUnknown);

    private static async Task<IResult> PrepareAsync(
        AssetId id, AssetDirectory assets, IWorkCatalog catalog, JobControl jobs, ProgressBoard board, CancellationToken ct)
    {
        if (await assets.FindAsync(id, ct) is not { } asset)
        {
            return Problem.Result(ErrorCode.MediaUnknown);
        }

        if (asset.State is AssetState.Ready or AssetState.Arriving)
        {
            return TypedResults.NoContent();
        }

        var going = (await catalog.ListJobsAsync(id, null, MostJobs, ct)).FirstOrDefault(j => j.FinishedAt is null);
        var job = going ?? (await jobs.AddAsync(id, [new NewJob(JobKind.Prepare, [new NewTask(Urgency.Title)])], ct) is [var added] ? added : null);
        return job is null
            ? Problem.Result(ErrorCode.MediaUnknown)
            : TypedResults.Json(JobView.Of(job, board.Describe(job)), ManageJson.Default.JobView, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> IssueAsync(
        AssetId id, HttpContext context, AssetDirectory assets, PlaybackTokens tokens, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body || !JsonBody.TryMinutes(body, out _, out var minutes))
        {
            return Problem.Result(ErrorCode.RequestInvalid,
                "Send nothing, or a JSON object with `expiresInMinutes` (1 or more), `boundTo` and `maxViews`.");
        }

        if (!JsonBody.TryBinding(body, out var boundTo))
        {
            return Problem.Result(ErrorCode.RequestInvalid, $"`boundTo` is {AddressRange.Rule}.");
        }

        if (!JsonBody.TryViews(body, out var maxViews))
        {
            return Problem.Result(ErrorCode.RequestInvalid, $"`maxViews` is a number from 1 to {PlaybackToken.MostViews}.");
        }

        if (await assets.FindAsync(id, ct) is not { } asset)
        {
            return Problem.Result(ErrorCode.MediaUnknown);
        }

        if (!Plays(asset))
        {
            return Problem.Result(ErrorCode.MediaNotReady, asset.Reason);
        }

        var token = tokens.Issue(asset, minutes is { } life ? TimeSpan.FromMinutes(life) : null, boundTo, maxViews);
        return TypedResults.Json(
            PlaybackLinks.Of(context.Request, asset, token),
            ManageJson.Default.PlaybackLinks,
            statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> RevokeAsync(AssetId id, AssetDirectory assets, TimeProvider clock, CancellationToken ct)
    {
        var changed = await assets.UpdateAsync(
            id, asset => asset with { Epoch = asset.Epoch + 1, UpdatedAt = clock.GetUtcNow() }, ct);
        return changed is null ? Problem.Result(ErrorCode.MediaUnknown) : TypedResults.NoContent();
    }

    private static JsonHttpResult<MediaView> Shown(MediaView view) => TypedResults.Json(view, ManageJson.Default.MediaView);

    private static PlaybackLinks? LinksOf(HttpRequest request, Asset asset, IssuedToken token) =>
        Plays(asset) ? PlaybackLinks.Of(request, asset, token) : null;

    /// <summary>It plays, or will in a moment.</summary>
    private static bool Plays(Asset asset) => asset.State is AssetState.Ready or AssetState.Processing or AssetState.Arriving;
}
