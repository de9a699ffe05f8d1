using Microsoft.AspNetCore.Http.Features;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Jobs;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Tus;

/// <summary>
/// tus 1.0.0 under <c>/api/v1/uploads</c>: creation, creation-with-upload, expiration, checksum, termination, concatenation. What the protocol
/// leaves open: the title that an upload becomes has the upload's id, and is named in <c>Sluice-Media-Id</c> once it is there, be it that it is
/// still arriving; <c>Sluice-Plays</c> says when it can be played.
/// </summary>
internal static class TusEndpoints
{
    private const string DeferLength = "Upload-Defer-Length";

    /// <summary>Maps the routes.</summary>
    public static void MapTus(this IEndpointRouteBuilder routes)
    {
        var uploads = routes.MapGroup(TusProtocol.Root).WithTags("uploads");
        uploads.MapMethods("/", [HttpMethods.Options], Capabilities).AllowAnyone("what the protocol can do is no secret")
            .WithSummary("What this server knows of tus 1.0.0.");
        uploads.MapMethods("/{id}", [HttpMethods.Options], Capabilities).AllowAnyone("what the protocol can do is no secret").ExcludeFromDescription();
        uploads.MapPost("/", CreateAsync).RequireOperator().LimitRate(RateKind.Uploads).Produces(StatusCodes.Status201Created)
            .WithSummary("Announce an upload (tus 1.0.0: creation, creation-with-upload, concatenation).");
        uploads.MapMethods("/{id}", [HttpMethods.Head], HeadAsync).RequireOperator().WithSummary("How far an upload is.");
        uploads.MapPatch("/{id}", AppendAsync).RequireOperator().Produces(StatusCodes.Status204NoContent)
            .WithSummary("Go on with an upload; its last byte makes a title of it.");
        uploads.MapDelete("/{id}", RemoveAsync).RequireOperator().Produces(StatusCodes.Status204NoContent).WithSummary("Give an upload up.");
    }

    private static IResult Capabilities(HttpContext context, SluiceOptions options)
    {
        var headers = context.Response.Headers;
        headers["Tus-Version"] = TusHeaders.Version;
        headers["Tus-Extension"] = TusHeaders.Extensions;
        headers["Tus-Checksum-Algorithm"] = UploadChecksum.Algorithms;
        headers["Tus-Max-Size"] = TusAnswers.Text(options.Ingest.MaxUploadBytes);
        return Results.NoContent();
    }

    private static async Task<IResult> CreateAsync(HttpContext context, UploadDesk desk, UploadSlots slots, CancellationToken ct)
    {
        var headers = context.Request.Headers;
        var metadata = headers[TusHeaders.Metadata].ToString();
        if (UploadMetadata.TryRead(metadata) is not { } fields)
        {
            return TusAnswers.Invalid($"{TusHeaders.Metadata} is at most {UploadMetadata.Longest} characters of pairs `key base64`, with commas between, each key once.");
        }

        if (ArrivalFields.Read(fields, out var rule) is null)
        {
            return TusAnswers.Invalid(rule!);
        }

        UploadConcat? concat = null;
        if (headers.TryGetValue(TusHeaders.Concat, out var given) && (concat = UploadConcat.TryRead(given.ToString(), TusProtocol.Root + "/")) is null)
        {
            return TusAnswers.Invalid($"{TusHeaders.Concat} is `partial`, or `final;` and the URLs of uploads of this server, with blanks between.");
        }

        return await GuardAsync(context, () => concat is { IsPartial: false }
            ? ConcatenateAsync(context, desk, concat, metadata, ct)
            : AnnounceAsync(context, desk, slots, metadata, concat is not null, ct));
    }

    private static async Task<IResult> AnnounceAsync(
        HttpContext context, UploadDesk desk, UploadSlots slots, string metadata, bool isPartial, CancellationToken ct)
    {
        var headers = context.Request.Headers;
        if (headers.ContainsKey(DeferLength) || !TusHeaders.TryBytes(headers[TusHeaders.Length], out var length))
        {
            return TusAnswers.Invalid($"{TusHeaders.Length} is a whole number of bytes, which has to be known from the beginning.");
        }

        var withBody = context.Request.ContentLength > 0 || headers.TransferEncoding.Count > 0;
        if (withBody && !TusHeaders.IsBody(context.Request.ContentType))
        {
            return TusAnswers.WrongType();
        }

        if (!TryChecksum(context, out var checksum, out var invalid))
        {
            return invalid;
        }

        using var slot = withBody ? slots.Take(context.Connection.RemoteIpAddress) : null;
        var upload = await desk.CreateAsync(length, metadata, isPartial, OwnerOf(context), ct);
        context.Response.Headers.Location = $"{TusProtocol.Root}/{upload.Id}";
        TusAnswers.DescribeOffset(context, upload);
        if (!withBody)
        {
            context.Response.Headers.Remove(TusHeaders.Offset);
            return TusAnswers.Ended(context, await desk.FinishIfWholeAsync(upload.Id), StatusCodes.Status201Created);
        }

        return TusAnswers.Of(context, await ReceiveAsync(context, desk, upload.Id, 0, checksum), StatusCodes.Status201Created);
    }

    private static async Task<IResult> ConcatenateAsync(HttpContext context, UploadDesk desk, UploadConcat concat, string metadata, CancellationToken ct)
    {
        if (context.Request.Headers.ContainsKey(TusHeaders.Length))
        {
            return TusAnswers.Invalid($"{TusHeaders.Length} follows from the parts, and must not be sent.");
        }

        var parts = concat.Parts.Select(p => AssetId.TryParse(p, null, out var id) ? id : (AssetId?)null).ToList();
        if (parts.Contains(null) || await desk.ConcatenateAsync([.. parts.OfType<AssetId>()], metadata, OwnerOf(context), ct) is not { } whole)
        {
            return TusAnswers.Invalid("Every part must be an upload of this server that was announced as partial, is whole, and belongs to no other; none may occur twice.");
        }

        context.Response.Headers.Location = $"{TusProtocol.Root}/{whole.Id}";
        var ended = await desk.FinishIfWholeAsync(whole.Id);
        if (ended is null && whole.Asset is { } before)
        {
            context.Response.Headers[TusHeaders.MediaId] = before.Value;
        }

        return TusAnswers.Ended(context, ended, StatusCodes.Status201Created);
    }

    private static async Task<IResult> HeadAsync(string id, HttpContext context, UploadDesk desk, ArrivalDesk arrivals, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await FindAsync(id, context, desk, ct) is not { } upload)
        {
            return Problem.Result(ErrorCode.UploadUnknown);
        }

        // Its bytes are here, and nobody has made a title of it: a process died, or the disk was full. So does who asks how far it is.
        return upload is { IsOpen: true, IsComplete: true, IsPartial: false }
            ? await GuardAsync(context, async () =>
            {
                await desk.FinishIfWholeAsync(upload.Id);
                return await FindAsync(id, context, desk, CancellationToken.None) is { } now ? Shown(context, now, arrivals) : Problem.Result(ErrorCode.UploadUnknown);
            })
            : Shown(context, upload, arrivals);
    }

    private static IResult Shown(HttpContext context, Upload upload, ArrivalDesk arrivals)
    {
        if (upload.Reason is not null)
        {
            return Problem.Result(ErrorCode.UploadGone, upload.Reason);
        }

        TusAnswers.Describe(context, upload);
        if (upload is { IsOpen: true, IsPartial: false, Parts.Count: 0 })
        {
            TusAnswers.DescribeArrival(context, upload, arrivals.StatusOf(upload.Id)?.Plays ?? Plays.Unknown);
        }

        return Results.Ok();
    }

    private static async Task<IResult> AppendAsync(string id, HttpContext context, UploadDesk desk, UploadSlots slots, CancellationToken ct)
    {
        if (!TusHeaders.IsBody(context.Request.ContentType))
        {
            return TusAnswers.WrongType();
        }

        if (!TusHeaders.TryBytes(context.Request.Headers[TusHeaders.Offset], out var offset))
        {
            return TusAnswers.Invalid($"{TusHeaders.Offset} is a whole number of bytes.");
        }

        if (!TryChecksum(context, out var checksum, out var invalid))
        {
            return invalid;
        }

        return await FindAsync(id, context, desk, ct) is not { } upload ? Problem.Result(ErrorCode.UploadUnknown)
            : upload.Reason is { } reason ? Problem.Result(ErrorCode.UploadGone, reason)
            : await GuardAsync(context, async () =>
            {
                using var slot = slots.Take(context.Connection.RemoteIpAddress);
                return TusAnswers.Of(context, await ReceiveAsync(context, desk, upload.Id, offset, checksum), StatusCodes.Status204NoContent);
            });
    }

    private static async Task<IResult> RemoveAsync(string id, HttpContext context, UploadDesk desk, CancellationToken ct) =>
        await FindAsync(id, context, desk, ct) is not { } upload ? Problem.Result(ErrorCode.UploadUnknown)
        : upload.Reason is { } reason ? Problem.Result(ErrorCode.UploadGone, reason)
        : await desk.RemoveAsync(upload.Id, "It was given up.") ? Results.NoContent()
        : Problem.Result(ErrorCode.UploadBusy);

    private static async Task<AppendResult> ReceiveAsync(HttpContext context, UploadDesk desk, AssetId id, long offset, UploadChecksum? checksum)
    {
        BodyLimits.Lift(context);
        using var silence = new SilenceLimit(context.RequestAborted);
        var request = new AppendRequest(offset, context.Request.ContentLength, checksum, context.Request.BodyReader) { Heard = silence.Hear };
        var result = await desk.AppendAsync(id, request, silence.Token);
        if (result.End == AppendEnd.Interrupted)
        {
            context.Abort(); // Whoever listens still takes that for what it is, a line that broke, and goes on; an answer would end the upload.
        }

        return result;
    }

    /// <summary>Refusals and a full disk, in the protocol's statuses.</summary>
    private static async Task<IResult> GuardAsync(HttpContext context, Func<Task<IResult>> handle)
    {
        try
        {
            return await handle();
        }
        catch (IntakeRefusedException e)
        {
            if (e.Error == ErrorCode.ServerBusy)
            {
                context.Response.Headers.RetryAfter = "10";
            }

            return Problem.Result(e.Error, e.Detail);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return Problem.Result(ErrorCode.DiskFull, "The disk is full; what came is kept, and the upload can be gone on with.");
        }
    }

    private static bool TryChecksum(HttpContext context, out UploadChecksum? checksum, out IResult invalid)
    {
        (checksum, invalid) = (null, Results.Empty);
        if (!context.Request.Headers.TryGetValue(TusHeaders.Checksum, out var given) || (checksum = UploadChecksum.TryRead(given.ToString())) is not null)
        {
            return true;
        }

        invalid = TusAnswers.Invalid($"{TusHeaders.Checksum} is the name of an algorithm ({UploadChecksum.Algorithms}), a blank, and the hash in Base64.");
        return false;
    }

    private static ValueTask<Upload?> FindAsync(string id, HttpContext context, UploadDesk desk, CancellationToken ct) =>
        AssetId.TryParse(id, null, out var parsed) ? desk.FindAsync(parsed, OwnerOf(context), ct) : default;

    /// <summary>Whoever made an upload goes on with it: by the same key, or by none where none is needed.</summary>
    private static byte[]? OwnerOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<OperatorAccess>().Owner(context.Request);
}
