using Microsoft.AspNetCore.Http.Features;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>Packages the staged file <c>source</c> of an asset; the least work that makes it play.</summary>
internal delegate Task<PackageResult> PackageStep(IObjectStage stage, AssetId asset, PackageWish wish, CancellationToken ct);

/// <summary>Told of every asset that was published, once it exists; must not block.</summary>
internal delegate void AfterPublish(AssetId asset, IReadOnlyList<NewJob> jobs);

/// <summary>
/// An upload, from the first byte to a published asset. Whatever goes wrong, nothing stays behind.
/// <code>
/// 1 room?     size and free space, from the header alone
/// 2 receive   body → stage/source, one buffer
/// 3 package   probe, triage, track indexes → the same stage
/// 4 commit    rename the stage; nothing is copied, hashed or flushed
/// 5 row       the catalog learns of it: from here on it exists
/// </code>
/// </summary>
internal sealed partial class MediaIntake(
    AssetDirectory assets,
    IObjectStore store,
    PackageStep package,
    AfterPublish afterPublish,
    UploadSlots slots,
    SluiceOptions options,
    TimeProvider clock,
    ILogger<MediaIntake> logger)
{
    /// <summary>Room in a body for boundaries and text fields beside the largest file.</summary>
    private const long FormOverhead = 1 << 20;

    /// <summary>Receives the request's body. Fields in the form, where the door has them, win over
    /// <paramref name="request"/>.</summary>
    public async Task<IntakeResult> ReceiveAsync(HttpContext context, IntakeRequest request)
    {
        if (!slots.TryTake())
        {
            context.Response.Headers.RetryAfter = "10";
            return IntakeResult.Refused(ErrorCode.ServerBusy, $"{options.Ingest.MaxUploads} uploads are running.");
        }

        var ct = context.RequestAborted;
        try
        {
            return await ReceiveCoreAsync(context, request, ct);
        }
        catch (IntakeRefusedException e)
        {
            Log.Refused(logger, e.Error.Code);
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
        finally
        {
            slots.Release();
        }
    }

    private async Task<IntakeResult> ReceiveCoreAsync(HttpContext context, IntakeRequest request, CancellationToken ct)
    {
        // :: Step 1: room
        CheckRoom(context.Request.ContentLength);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        // :: Step 2: receive
        var upload = MultipartUpload.Open(context.Request, options.Ingest.MaxUploadBytes, () => store.FreeBytes);
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

        // :: Step 3: package
        var packaged = await package(stage, id, new PackageWish(burn ?? request.BurnSubtitles), ct);
        if (packaged.WishProblem is { } vain)
        {
            return IntakeResult.Refused(ErrorCode.SubtitlesNotDrawable, vain);
        }

        if (packaged.RefusedReason is { } reason)
        {
            return IntakeResult.Refused(ErrorCode.MediaUnreadable, reason);
        }

        // :: Steps 4 and 5: commit, row. The client may hang up now without effect: the work is done.
        var now = clock.GetUtcNow();
        var adminKey = AccessKey.New("admin");
        var asset = new Asset
        {
            Id = id,
            Title = title ?? request.Title ?? UploadFields.TitleOf(fileName),
            FileName = fileName,
            State = packaged.State,
            Reason = packaged.Reason,
            Origin = request.Origin,
            SizeBytes = upload.SizeBytes,
            DurationSeconds = packaged.DurationSeconds,
            Version = packaged.Version,
            Tracks = packaged.Tracks,
            Renditions = packaged.Renditions,
            CreatedAt = now,
            UpdatedAt = now,
            ExpiresAt = minutes is { } life ? now.AddMinutes(life) : null,
            ExpiryMinutes = minutes,
            AdminKeyHash = AccessKey.Hash(adminKey),
        };
        await PublishAsync(stage, asset, packaged.Jobs);
        afterPublish(id, packaged.Jobs);
        Log.Published(logger, id, asset.SizeBytes, asset.State);
        return IntakeResult.Kept(asset, adminKey);
    }

    private async Task PublishAsync(IObjectStage stage, Asset asset, IReadOnlyList<NewJob> jobs)
    {
        await stage.CommitAsync(CancellationToken.None);
        try
        {
            await assets.AddAsync(asset, jobs, CancellationToken.None);
        }
        catch
        {
            await store.DeleteAsync(asset.Id, CancellationToken.None);
            throw;
        }

        await store.ConfirmAsync(asset.Id, CancellationToken.None);
    }

    private void CheckRoom(long? contentLength)
    {
        if (contentLength is not { } length)
        {
            return;
        }

        if (length - FormOverhead > options.Ingest.MaxUploadBytes)
        {
            throw MultipartUpload.TooLarge(options.Ingest.MaxUploadBytes);
        }

        if (length > store.FreeBytes)
        {
            throw new IntakeRefusedException(
                ErrorCode.DiskFull, $"The upload has {length} bytes and the disk has room for {store.FreeBytes}.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Published {Asset}: {SizeBytes} bytes, {State}")]
        public static partial void Published(ILogger logger, AssetId asset, long sizeBytes, AssetState state);

        [LoggerMessage(Level = LogLevel.Warning, Message = "An upload was refused: the disk is full")]
        public static partial void DiskFull(ILogger logger);

        [LoggerMessage(Level = LogLevel.Information, Message = "An upload came to nothing: {Code}")]
        public static partial void Refused(ILogger logger, string code);
    }
}
