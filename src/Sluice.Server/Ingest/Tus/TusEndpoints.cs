using System.Globalization;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Ingest.Tus;

/// <summary>
/// tus 1.0.0 under <c>/api/v1/uploads</c>: creation, creation-with-upload, expiration, checksum, termination, concatenation. What the protocol
/// leaves open: an upload that is whole is answered with the title that it became, in <c>Sluice-Media-Id</c>, and its admin key, once.
/// </summary>
internal static class TusEndpoints
{
    private const string Root = "/api/v1/uploads";
    private const int ChecksumMismatch = 460;

    /// <summary>Maps the routes.</summary>
    public static void MapTus(this IEndpointRouteBuilder routes)
    {
        var uploads = routes.MapGroup(Root).WithTags("uploads");
        uploads.MapMethods("/", [HttpMethods.Options], Describe).AllowAnyone("what the protocol can do is no secret")
            .WithSummary("What this server knows of tus.");
        uploads.MapPost("/", CreateAsync).RequireOperator().Produces(StatusCodes.Status201Created)
            .WithSummary("Announce an upload (tus 1.0.0 creation, creation-with-upload, concatenation).");
        uploads.MapMethods("/{id}", [HttpMethods.Head], HeadAsync).RequireOperator().WithSummary("How far an upload is.");
        uploads.MapPatch("/{id}", AppendAsync).RequireOperator().Produces(StatusCodes.Status204NoContent).WithSummary("Go on with an upload.");
        uploads.MapDelete("/{id}", RemoveAsync).RequireOperator().Produces(StatusCodes.Status204NoContent).WithSummary("Give an upload up.");
        uploads.MapPost("/{id}", OverriddenAsync).RequireOperator().WithSummary("PATCH or DELETE, named by `X-HTTP-Method-Override`.");
    }

    private static IResult Describe(HttpContext context, SluiceOptions options)
    {
        var headers = context.Response.Headers;
        headers["Tus-Version"] = TusHeaders.Version;
        headers["Tus-Extension"] = TusHeaders.Extensions;
        headers["Tus-Checksum-Algorithm"] = UploadChecksum.Algorithms;
        headers["Tus-Max-Size"] = Text(options.Ingest.MaxUploadBytes);
        return Results.NoContent();
    }

    private static async Task<IResult> CreateAsync(HttpContext context, UploadDesk desk, CancellationToken ct)
    {
        if (Begin(context) is { } refused)
        {
            return refused;
        }

        var headers = context.Request.Headers;
        var metadata = headers[TusHeaders.Metadata].ToString();
        if (UploadMetadata.TryRead(metadata) is null)
        {
            return Invalid($"{TusHeaders.Metadata} is at most {UploadMetadata.Longest} characters of pairs `key base64`, with commas between, each key once.");
        }

        var concat = headers[TusHeaders.Concat].ToString() is { Length: > 0 } given ? UploadConcat.TryRead(given, Root + "/") : null;
        if (headers.ContainsKey(TusHeaders.Concat) && concat is null)
        {
            return Invalid($"{TusHeaders.Concat} is `partial`, or `final;` and the URLs of this server's uploads.");
        }

        try
        {
            return concat is { IsPartial: false }
                ? await ConcatenateAsync(context, desk, concat, metadata, ct)
                : await AnnounceAsync(context, desk, metadata, concat is not null, ct);
        }
        catch (IntakeRefusedException e)
        {
            return Problem.Result(e.Error, e.Detail);
        }
    }

    private static async Task<IResult> AnnounceAsync(HttpContext context, UploadDesk desk, string metadata, bool isPartial, CancellationToken ct)
    {
        var headers = context.Request.Headers;
        if (headers.ContainsKey(TusHeaders.DeferLength))
        {
            return Invalid("Uploads of unknown length are not taken: send Upload-Length.");
        }

        if (!TusHeaders.TryBytes(headers[TusHeaders.Length], out var length))
        {
            return Invalid($"{TusHeaders.Length} is a whole number of bytes.");
        }

        var withBody = context.Request.ContentLength > 0 || headers.TransferEncoding.Count > 0;
        if (withBody && !TusHeaders.IsBody(context.Request.ContentType))
        {
            return WrongType();
        }

        var upload = await desk.CreateAsync(length, metadata, isPartial, OwnerOf(context), ct);
        context.Response.Headers.Location = $"{Root}/{upload.Id}";
        context.Response.Headers[TusHeaders.Expires] = upload.ExpiresAt.ToString("R", CultureInfo.InvariantCulture);
        if (!withBody && length > 0)
        {
            return Results.StatusCode(StatusCodes.Status201Created);
        }

        var appended = withBody ? await ReceiveAsync(context, desk, upload.Id, 0) : await FinishAsync(context, desk, upload);
        return appended is TusDone ? Results.StatusCode(StatusCodes.Status201Created) : appended;
    }

    private static async Task<IResult> ConcatenateAsync(HttpContext context, UploadDesk desk, UploadConcat concat, string metadata, CancellationToken ct)
    {
        var parts = concat.Parts.Select(p => AssetId.TryParse(p, null, out var id) ? id : (AssetId?)null).ToList();
        if (parts.Contains(null) || await desk.ConcatenateAsync([.. parts.OfType<AssetId>()], metadata, OwnerOf(context), ct) is not { } whole)
        {
            return Invalid("Every part must be an upload of this server that was announced as partial and is whole; none may occur twice.");
        }

        context.Response.Headers.Location = $"{Root}/{whole.Id}";
        return await FinishAsync(context, desk, whole) is var ended && ended is TusDone ? Results.StatusCode(StatusCodes.Status201Created) : ended;
    }

    private static async Task<IResult> HeadAsync(string id, HttpContext context, UploadDesk desk, CancellationToken ct)
    {
        if (Begin(context) is { } refused)
        {
            return refused;
        }

        context.Response.Headers.CacheControl = "no-store";
        if (await FindAsync(id, context, desk, ct) is not { } upload)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        Describe(context, upload);
        return Results.Ok();
    }

    private static async Task<IResult> AppendAsync(string id, HttpContext context, UploadDesk desk, CancellationToken ct)
    {
        if (Begin(context) is { } refused)
        {
            return refused;
        }

        if (!TusHeaders.IsBody(context.Request.ContentType))
        {
            return WrongType();
        }

        if (!TusHeaders.TryBytes(context.Request.Headers[TusHeaders.Offset], out var offset))
        {
            return Invalid($"{TusHeaders.Offset} is a whole number of bytes.");
        }

        return await FindAsync(id, context, desk, ct) is not { } upload ? Unknown()
            : upload.Parts.Count > 0 ? Problem.Result(ErrorCode.KeyInvalid, "An upload that was made of parts takes no more bytes.")
            : await ReceiveAsync(context, desk, upload.Id, offset);
    }

    private static async Task<IResult> RemoveAsync(string id, HttpContext context, UploadDesk desk, CancellationToken ct) =>
        Begin(context) is { } refused ? refused
        : await FindAsync(id, context, desk, ct) is not { } upload ? Unknown()
        : await desk.RemoveAsync(upload.Id, ct) ? Results.NoContent()
        : Busy();

    private static Task<IResult> OverriddenAsync(string id, HttpContext context, UploadDesk desk, CancellationToken ct) =>
        context.Request.Headers[TusHeaders.MethodOverride].ToString() switch
        {
            "PATCH" => AppendAsync(id, context, desk, ct),
            "DELETE" => RemoveAsync(id, context, desk, ct),
            "HEAD" => HeadAsync(id, context, desk, ct),
            _ => Task.FromResult(Results.StatusCode(StatusCodes.Status405MethodNotAllowed)),
        };

    private static async Task<IResult> ReceiveAsync(HttpContext context, UploadDesk desk, AssetId id, long offset)
    {
        UploadChecksum? checksum = null;
        if (context.Request.Headers[TusHeaders.Checksum].ToString() is { Length: > 0 } given && (checksum = UploadChecksum.TryRead(given)) is null)
        {
            return Invalid($"{TusHeaders.Checksum} is the name of an algorithm ({UploadChecksum.Algorithms}), a blank, and the hash in Base64.");
        }

        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var result = await desk.AppendAsync(id, offset, context.Request.ContentLength, checksum, context.Request.Body, context.RequestAborted);
        context.Response.Headers[TusHeaders.Offset] = Text(result.OffsetBytes);
        return result.End switch
        {
            AppendEnd.Kept => await KeptAsync(context, desk, id),
            AppendEnd.Busy => Busy(),
            AppendEnd.Conflict => Problem.Result(ErrorCode.UploadOffset),
            AppendEnd.TooMuch => Problem.Result(ErrorCode.UploadTooLarge, "The request holds more than the upload lacks."),
            AppendEnd.ChecksumMismatch => Results.StatusCode(ChecksumMismatch),
            AppendEnd.DiskFull => Problem.Result(ErrorCode.DiskFull, "The disk became full; what came is kept."),
            _ => Problem.Result(ErrorCode.UploadInterrupted),
        };
    }

    private static async Task<IResult> KeptAsync(HttpContext context, UploadDesk desk, AssetId id)
    {
        var upload = await desk.FindAsync(id, OwnerOf(context), CancellationToken.None);
        if (upload is null)
        {
            return Unknown();
        }

        context.Response.Headers[TusHeaders.Expires] = upload.ExpiresAt.ToString("R", CultureInfo.InvariantCulture);
        return upload is { IsComplete: true, IsPartial: false } ? await FinishAsync(context, desk, upload) : new TusDone();
    }

    private static async Task<IResult> FinishAsync(HttpContext context, UploadDesk desk, Upload upload)
    {
        var result = await desk.FinishAsync(upload);
        if (result.Asset is not { } asset)
        {
            return Problem.Result(result.Error!, result.Detail);
        }

        context.Response.Headers["Sluice-Media-Id"] = asset.Id.Value;
        context.Response.Headers["Sluice-Admin-Key"] = result.AdminKey;
        return new TusDone();
    }

    /// <summary>Sets what every answer has; null when the client speaks the protocol.</summary>
    private static IResult? Begin(HttpContext context)
    {
        context.Response.Headers[TusHeaders.Resumable] = TusHeaders.Version;
        if (context.Request.Headers[TusHeaders.Resumable] == TusHeaders.Version)
        {
            return null;
        }

        context.Response.Headers["Tus-Version"] = TusHeaders.Version;
        return Results.StatusCode(StatusCodes.Status412PreconditionFailed);
    }

    private static void Describe(HttpContext context, Upload upload)
    {
        var headers = context.Response.Headers;
        headers[TusHeaders.Offset] = Text(upload.OffsetBytes);
        headers[TusHeaders.Length] = Text(upload.LengthBytes);
        headers[TusHeaders.Expires] = upload.ExpiresAt.ToString("R", CultureInfo.InvariantCulture);
        if (upload.Metadata.Length > 0)
        {
            headers[TusHeaders.Metadata] = upload.Metadata;
        }

        if (upload.IsPartial || upload.Parts.Count > 0)
        {
            headers[TusHeaders.Concat] = upload.IsPartial ? "partial" : "final;" + string.Join(' ', upload.Parts.Select(p => $"{Root}/{p}"));
        }

        if (upload.Asset is { } asset)
        {
            headers["Sluice-Media-Id"] = asset.Value;
        }
    }

    private static ValueTask<Upload?> FindAsync(string id, HttpContext context, UploadDesk desk, CancellationToken ct) =>
        AssetId.TryParse(id, null, out var parsed) ? desk.FindAsync(parsed, OwnerOf(context), ct) : default;

    /// <summary>Whoever made an upload goes on with it: by the same key, or by none where none is needed.</summary>
    private static byte[]? OwnerOf(HttpContext context) =>
        context.Request.Headers.Authorization.ToString() is { Length: > 7 } key && key.StartsWith("Bearer ", StringComparison.Ordinal)
            ? AccessKey.Hash(key[7..])
            : null;

    private static IResult Invalid(string detail) => new Refusal(StatusCodes.Status400BadRequest, ErrorCode.RequestInvalid, detail);

    private static IResult WrongType() =>
        new Refusal(StatusCodes.Status415UnsupportedMediaType, ErrorCode.RequestInvalid, $"The body must be {TusHeaders.BodyType}.");

    private static IResult Unknown() => Problem.Result(ErrorCode.UploadUnknown);

    private static IResult Busy() => Problem.Result(ErrorCode.UploadBusy);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class TusDone : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
    }

    private sealed class Refusal(int status, ErrorCode code, string detail) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Problem.WriteAsync(httpContext, code, detail, status: status);
    }
}
