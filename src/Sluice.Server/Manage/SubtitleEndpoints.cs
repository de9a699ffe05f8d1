using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Media.Text;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Jobs;
using Sluice.Server.Store;

namespace Sluice.Server.Manage;

/// <summary>Subtitles that come as files of their own: <c>/api/v1/media/{id}/subtitles</c>.</summary>
internal static class SubtitleEndpoints
{
    /// <summary>Largest file; a film's dialogue has 100 KB.</summary>
    private const int MostBytes = 2 << 20;

    /// <summary>Room in the form beside the file.</summary>
    private const int FormOverhead = 64 << 10;

    private const string FileField = "subtitles";
    private const int LongestName = 120;
    private const int LongestTag = 35; // RFC 5646 section 4.4.1

    /// <summary>Maps the routes.</summary>
    public static void MapSubtitles(this IEndpointRouteBuilder routes)
    {
        var subtitles = routes.MapGroup("/api/v1/media/{id}/subtitles").WithTags("media").RequireAssetAdmin();
        subtitles.MapPost("/", AddAsync)
            .Accepts<IFormFile>("multipart/form-data").Produces<Subtitle>(StatusCodes.Status201Created)
            .WithSummary("Add subtitles: multipart file `subtitles` (.srt or .vtt, at most 2 MiB), fields `language` (BCP 47) and `name`.");
        subtitles.MapPut("/burned", BurnAsync)
            .Accepts<BurnRequest>("application/json").Produces<JobView>(StatusCodes.Status202Accepted).Produces(StatusCodes.Status204NoContent)
            .WithSummary("Draw subtitles that are pictures into the picture: `track` is their place among the tracks, or null for none. The title plays on meanwhile.");
        subtitles.MapDelete("/{subtitle}", RemoveAsync).Produces(StatusCodes.Status204NoContent)
            .WithSummary("Remove subtitles.");
    }

    private static async Task<IResult> AddAsync(AssetId id, HttpContext context, AssetDirectory assets, SubtitleShelf shelf, CancellationToken ct)
    {
        if (await assets.FindAsync(id, ct) is { State: AssetState.Arriving })
        {
            return Problem.Result(ErrorCode.MediaArriving);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostBytes + FormOverhead;
        }

        if (context.Request.ContentLength > MostBytes + FormOverhead)
        {
            return Problem.Result(ErrorCode.SubtitlesTooLarge);
        }

        if (!context.Request.HasFormContentType || await ReadFormAsync(context.Request, ct) is not { } form
            || form.Files.GetFile(FileField) is not { } file)
        {
            return Problem.Result(
                ErrorCode.RequestInvalid, $"The body must be multipart/form-data with the file in the field `{FileField}`.");
        }

        if (file.Length > MostBytes)
        {
            return Problem.Result(ErrorCode.SubtitlesTooLarge);
        }

        if (!TryLanguage(form["language"], out var language))
        {
            return Problem.Result(ErrorCode.RequestInvalid, "`language` is a tag as of BCP 47, such as `en` or `pt-BR`.");
        }

        if (!UploadFields.TryTitle(form["name"], out var name) || name is { Length: > LongestName })
        {
            return Problem.Result(ErrorCode.RequestInvalid, $"`name` is text of at most {LongestName} characters.");
        }

        var bytes = new byte[file.Length];
        await using (var content = file.OpenReadStream())
        {
            await content.ReadExactlyAsync(bytes, ct);
        }

        var text = SubtitleText.Read(bytes);
        if (text.Problem is { } problem)
        {
            return Problem.Result(
                ErrorCode.SubtitlesUnreadable,
                text.Line == 0 ? $"The file: {problem}." : string.Create(CultureInfo.InvariantCulture, $"Line {text.Line}: {problem}."));
        }

        var added = await shelf.AddAsync(id, new NewSubtitle(WebVttWriter.Write(text.Cues), language, name), ct);
        return added is null
            ? Problem.Result(ErrorCode.RequestInvalid, $"A title has at most {SubtitleShelf.MostOfOneAsset} subtitles.")
            : TypedResults.Json(added, ManageJson.Default.Subtitle, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> BurnAsync(
        AssetId id, HttpContext context, IReplanning replanning, ProgressBoard board, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body || !JsonBody.TryTrack(body, out var track))
        {
            return Problem.Result(ErrorCode.RequestInvalid, JsonBody.TrackRule);
        }

        return await replanning.BurnAsync(id, track, ct) switch
        {
            { NotNow: { } notNow } => Problem.Result(ErrorCode.MediaNotReady, notNow),
            { Problem: { } problem } => Problem.Result(ErrorCode.SubtitlesNotDrawable, problem),
            { Job: { } job } => TypedResults.Json(
                JobView.Of(job, board.Describe(job)), ManageJson.Default.JobView, statusCode: StatusCodes.Status202Accepted),
            _ => TypedResults.NoContent(), // It is so already.
        };
    }

    private static async Task<IResult> RemoveAsync(AssetId id, string subtitle, SubtitleShelf shelf, CancellationToken ct) =>
        await shelf.RemoveAsync(id, subtitle, ct) ? TypedResults.NoContent() : Problem.Result(ErrorCode.ExtraUnknown);

    private static async Task<IFormCollection?> ReadFormAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            return await request.ReadFormAsync(
                new FormOptions { MemoryBufferThreshold = MostBytes + FormOverhead, ValueCountLimit = 16, MultipartHeadersLengthLimit = 4096 }, ct);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>A tag of letters and digits in groups; null when none is given, or one that says nothing.</summary>
    private static bool TryLanguage(string? given, out string? language)
    {
        language = string.IsNullOrWhiteSpace(given) || given == "und" ? null : given.Trim();
        return language is null
            || (language.Length <= LongestTag && char.IsAsciiLetter(language[0])
                && language.Split('-').All(part => part.Length is > 0 and <= 8 && part.All(char.IsAsciiLetterOrDigit)));
    }
}
