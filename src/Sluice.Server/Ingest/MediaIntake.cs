using Microsoft.AspNetCore.Http.Features;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>
/// An upload in one request, from the first byte to a title. Whatever goes wrong, nothing stays behind.
/// <code>
/// 1 room?     size and free space, from the header alone
/// 2 receive   body → stage/source, and its hash beside it
/// 3 admit     see <see cref="Admission"/>
/// </code>
/// </summary>
internal sealed partial class MediaIntake(
    IObjectStore store, Admission admission, UploadSlots slots, UploadQuota quota, SluiceOptions options, ILogger<MediaIntake> logger)
{
    /// <summary>Room in a body for boundaries and text fields beside the largest file.</summary>
    private const long FormOverhead = 1 << 20;

    /// <summary>Receives the request's body. Fields in the form, where the door has them, win over
    /// <paramref name="request"/>.</summary>
    public async Task<IntakeResult> ReceiveAsync(HttpContext context, IntakeRequest request)
    {
        var ct = context.RequestAborted;
        try
        {
            using var slot = slots.Take(context.Connection.RemoteIpAddress);
            return await ReceiveCoreAsync(context, request, ct);
        }
        catch (IntakeRefusedException e)
        {
            Log.Refused(logger, e.Error.Code);
            if (e.Error == ErrorCode.ServerBusy)
            {
                context.Response.Headers.RetryAfter = "10";
            }

            return IntakeResult.Refused(e.Error, e.Detail);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            Log.DiskFull(logger);
            return IntakeResult.Refused(ErrorCode.DiskFull, "The disk became full during the upload.");
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Log.Refused(logger, ErrorCode.UploadInterrupted.Code);
            return IntakeResult.Refused(ErrorCode.UploadInterrupted);
        }
    }

    private async Task<IntakeResult> ReceiveCoreAsync(HttpContext context, IntakeRequest request, CancellationToken ct)
    {
        // :: Step 1: room
        CheckRoom(context.Request.ContentLength);
        BodyLimits.Lift(context);

        // :: Step 2: receive
        var upload = MultipartUpload.Open(context.Request, quota.RequireSize, () => store.FreeBytes);
        var id = AssetId.New();
        await using var stage = store.Stage(id);
        if (!await upload.ReceiveAsync(stage.PathOf("source"), ct))
        {
            return IntakeResult.Refused(ErrorCode.RequestInvalid, "The form has no file in the field `media`.") with { FileMissing = true };
        }

        var fileName = UploadFields.FileName(upload.FileName);
        if (!UploadFields.TryTitle(request.FormFields ? upload.Fields.GetValueOrDefault("title") : null, out var title))
        {
            return IntakeResult.Refused(ErrorCode.RequestInvalid, UploadFields.TitleRule);
        }

        if (!UploadFields.TryMinutes(request.FormFields ? upload.Fields.GetValueOrDefault("expiresInMinutes") : null, out var minutes))
        {
            return IntakeResult.Refused(ErrorCode.RequestInvalid, UploadFields.MinutesRule);
        }

        minutes ??= request.ExpiryMinutes;
        if (!UploadFields.TryBurn(request.FormFields ? upload.Fields.GetValueOrDefault("burnSubtitles") : null, out var burn))
        {
            return IntakeResult.Refused(ErrorCode.RequestInvalid, UploadFields.BurnRule);
        }

        var wish = new PackageWish(burn ?? request.BurnSubtitles);
        var arrival = new Arrival(request.Origin, fileName, upload.SizeBytes, title ?? request.Title, minutes, wish)
        {
            Sha256 = upload.Sha256,
            IsDurable = options.Ingest.Durable,
        };
        return await admission.AdmitAsync(stage, id, arrival, ct);
    }

    private void CheckRoom(long? contentLength)
    {
        if (contentLength is not { } length)
        {
            return;
        }

        quota.RequireSize(length - FormOverhead);
        if (length > store.FreeBytes)
        {
            throw new IntakeRefusedException(
                ErrorCode.DiskFull, $"The upload has {length} bytes and the disk has room for {store.FreeBytes}.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "An upload was refused: the disk is full")]
        public static partial void DiskFull(ILogger logger);

        [LoggerMessage(Level = LogLevel.Information, Message = "An upload came to nothing: {Code}")]
        public static partial void Refused(ILogger logger, string code);
    }
}
