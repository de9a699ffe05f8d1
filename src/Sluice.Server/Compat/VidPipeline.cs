using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Chunks;
using Sluice.Server.Manage;
using Sluice.Server.Store;

namespace Sluice.Server.Compat;

/// <summary>
/// VidPipeline's API over the same services as the native one: a video comes in numbered chunks, and plays as HLS and as DASH from the same
/// segments as soon as it is finalized. Errors are <c>{"detail":…}</c>. Its <c>video_hash</c> is a random name here: two videos of one title are two.
/// </summary>
internal static class VidPipeline
{
    private const string Links = "/media/uploads";
    private const int MostListed = 1000;
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the routes.</summary>
    public static void MapVidPipeline(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("").WithTags("VidPipeline").WithMetadata(DetailOnlyErrors.Instance);
        api.MapPost("/videos/init", InitAsync).RequireOperator().LimitRate(RateKind.Uploads)
            .Accepts<VidPipelineInit>("application/json").Produces<VidPipelineVideo>().WithSummary("Announce a video that comes in chunks.");
        api.MapPost("/videos/upload_chunk/{hash}/{index}", ChunkAsync).RequireOperator()
            .Accepts<IFormFile>("multipart/form-data").Produces<VidPipelineChunk>()
            .WithSummary("One chunk, counted from 0, in the field `chunk_data` or `chunk`; in any order, and again when in doubt.");
        api.MapPost("/videos/finalize/{hash}", FinalizeAsync).RequireOperator()
            .Produces<VidPipelineFinal>().WithSummary("All chunks are there: make a title of them.");
        api.MapGet("/videos", ListAsync).RequireOperator().Produces<VidPipelineVideo[]>().WithSummary("The videos that came in chunks, newest first.");
        api.MapMethods(Links + "/{id}/hls/playlist.m3u8", GetAndHead, Hls).RequireAssetReader().WithSummary("Where the HLS playlist is.");
        api.MapMethods(Links + "/{id}/dash/manifest.mpd", GetAndHead, Dash).RequireAssetReader().WithSummary("Where the MPD is.");
    }

    private static async Task<IResult> InitAsync(HttpContext context, ChunkedUploads uploads, ChunkTurns turns, VidPipelineRows rows, CancellationToken ct)
    {
        context.Request.EnableBuffering(); // Another node may be the one to answer.
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body)
        {
            return Problem.Result(ErrorCode.RequestInvalid, "Send a JSON object with `title` and `total_chunks`.");
        }

        if (!UploadFields.TryTitle(Text(body, "title"), out var title) || title is null)
        {
            return Problem.Result(ErrorCode.RequestInvalid, "`title` is needed. " + UploadFields.TitleRule);
        }

        if (!body.TryGetProperty("total_chunks", out var given) || given.ValueKind != JsonValueKind.Number
            || !given.TryGetInt32(out var count) || count is < 1 or > ChunkedUploads.MostChunks)
        {
            return Problem.Result(ErrorCode.RequestInvalid, $"`total_chunks` is a whole number from 1 to {ChunkedUploads.MostChunks}.");
        }

        var metadata = UploadMetadata.Write(
            ("title", title), ("filename", title), ("description", Text(body, "description")), ("sha256", Text(body, "sha256")?.ToLowerInvariant()));
        string? rule = null;
        if (UploadMetadata.TryRead(metadata) is not { } fields || ArrivalFields.Read(fields, out rule) is null)
        {
            return Problem.Result(ErrorCode.RequestInvalid, rule ?? $"Title and description have at most {UploadMetadata.Longest} bytes together, as Base64.");
        }

        return await GuardAsync(async () =>
        {
            var upload = await uploads.BeginAsync(metadata, count, ct);
            context.Request.Body.Position = 0;
            return await turns.PassAsync(context, upload.Id)
                ? Results.Empty
                : Json(await rows.OfAsync(upload, withMissing: true, ct), VidPipelineJson.Default.VidPipelineVideo);
        });
    }

    private static async Task<IResult> ChunkAsync(
        string hash, string index, HttpContext context, ChunkedUploads uploads, ChunkTurns turns, UploadSlots slots, CancellationToken ct)
    {
        if (await FindAsync(hash, uploads, ct) is not { } upload)
        {
            return Problem.Result(ErrorCode.MediaUnknown, "Video not found");
        }

        if (!int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= upload.ChunkCount)
        {
            return Bad($"Invalid chunk index: this video has the chunks 0 to {upload.ChunkCount - 1}");
        }

        if (!upload.IsOpen || upload.IsComplete)
        {
            return Bad(upload.Reason ?? "Video already finalized");
        }

        if (!turns.Has(upload.Id))
        {
            BodyLimits.Lift(context);
            if (await turns.PassAsync(context, upload.Id))
            {
                return Results.Empty;
            }
        }

        return await GuardAsync(async () =>
        {
            using var slot = slots.Take(context.Connection.RemoteIpAddress);
            BodyLimits.Lift(context);
            return await uploads.ReceiveAsync(upload, number, context.Request)
                ? Json(
                    new VidPipelineChunk($"Chunk {number} uploaded successfully", upload.Id.Value, uploads.BoardOf(upload).Received),
                    VidPipelineJson.Default.VidPipelineChunk)
                : Bad("Video already finalized");
        });
    }

    private static async Task<IResult> FinalizeAsync(
        string hash, HttpContext context, ChunkedUploads uploads, ChunkTurns turns, VidPipelineRows rows, CancellationToken ct)
    {
        if (await FindAsync(hash, uploads, ct) is not { } upload)
        {
            return Problem.Result(ErrorCode.MediaUnknown, "Video not found");
        }

        if (!upload.IsOpen)
        {
            return Bad(upload.Reason ?? "Video already finalized");
        }

        if (await turns.PassAsync(context, upload.Id))
        {
            return Results.Empty;
        }

        return await GuardAsync(async () =>
        {
            if (await uploads.EndAsync(upload) is not { } result)
            {
                return Bad(upload.IsComplete || await uploads.FindAsync(upload.Id, CancellationToken.None) is { IsOpen: false }
                    ? "Video already finalized"
                    : MissingText(uploads.BoardOf(upload)));
            }

            if (result.Error is { } error)
            {
                return error == ErrorCode.UploadChecksum ? Bad(result.Detail!) : Problem.Result(error, result.Detail);
            }

            var row = await rows.OfAsync(await uploads.FindAsync(upload.Id, CancellationToken.None) ?? upload, withMissing: false, CancellationToken.None);
            return Json(
                new VidPipelineFinal("Video upload finalized; it is " + row.Status, row.VideoHash, row.Url ?? $"{Links}/{row.VideoHash}/hls/playlist.m3u8"),
                VidPipelineJson.Default.VidPipelineFinal);
        });
    }

    private static async Task<IResult> ListAsync(ChunkedUploads uploads, VidPipelineRows rows, CancellationToken ct)
    {
        var videos = new List<VidPipelineVideo>();
        foreach (var upload in await uploads.ListAsync(MostListed, ct))
        {
            if (await rows.FindAsync(upload, ct) is { } video)
            {
                videos.Add(video);
            }
        }

        return Json([.. videos], VidPipelineJson.Default.VidPipelineVideoArray);
    }

    private static Task<IResult> Hls(AssetId id, HttpContext context, AssetDirectory assets, PlaybackTokens tokens) =>
        RedirectAsync(id, "master.m3u8", context, assets, tokens);

    private static Task<IResult> Dash(AssetId id, HttpContext context, AssetDirectory assets, PlaybackTokens tokens) =>
        RedirectAsync(id, "manifest.mpd", context, assets, tokens);

    /// <summary>To the one place where a title plays: players resolve what a manifest names against where it came from at last.</summary>
    private static async Task<IResult> RedirectAsync(AssetId id, string manifest, HttpContext context, AssetDirectory assets, PlaybackTokens tokens)
    {
        if (await assets.FindAsync(id, context.RequestAborted) is not { } asset)
        {
            return Problem.Result(ErrorCode.MediaUnknown);
        }

        var token = context.Features.Get<IPlayableFeature>()?.Token ?? tokens.Issue(asset).Token;
        context.Response.Headers.CacheControl = "no-store";
        return Results.Redirect($"/stream/{id}/{manifest}?token={token}");
    }

    /// <summary>Refusals and a full disk, in words.</summary>
    private static async Task<IResult> GuardAsync(Func<Task<IResult>> handle)
    {
        try
        {
            return await handle();
        }
        catch (IntakeRefusedException e)
        {
            return Problem.Result(e.Error, e.Detail);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return Problem.Result(ErrorCode.DiskFull, "The disk is full; what came is kept.");
        }
    }

    private static string MissingText(ChunkBoard board)
    {
        const int shown = 10;
        var missing = board.MissingNumbers();
        return missing.Length == 0
            ? "Video is being finalized"
            : $"Missing chunks: {string.Join(", ", missing.Take(shown))}{(missing.Length > shown ? $" and {missing.Length - shown} more" : "")}";
    }

    private static ValueTask<Upload?> FindAsync(string hash, ChunkedUploads uploads, CancellationToken ct) =>
        AssetId.TryParse(hash, null, out var id) ? uploads.FindAsync(id, ct) : default;

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IResult Bad(string detail) => new BadRequest(detail);

    private static IResult Json<T>(T body, JsonTypeInfo<T> type) => Results.Json(body, type);

    private sealed class BadRequest(string detail) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) =>
            Problem.WriteAsync(httpContext, ErrorCode.RequestInvalid, detail, status: StatusCodes.Status400BadRequest);
    }
}
