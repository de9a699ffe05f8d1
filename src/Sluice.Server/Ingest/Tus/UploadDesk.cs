using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Tus;

/// <summary>
/// Uploads that come in pieces, from the first announcement to a title.
/// <code>
///   create ──► append, append, … ──► whole: the file becomes the source of a title, by being renamed
///      └─ concatenate: parts become one     └─ nothing came for a day: removed
/// </code>
/// The catalog knows how far each is; what lies behind that in its file was never told to anybody. One request at a time appends.
/// </summary>
internal sealed partial class UploadDesk(
    IUploadCatalog catalog, UploadShelf shelf, IObjectStore store, Admission admission, SluiceOptions options, TimeProvider clock, ILogger<UploadDesk> logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<AssetId> _busy = [];

    /// <summary>Announces an upload.</summary>
    /// <exception cref="IntakeRefusedException">Too large, too many, or no room.</exception>
    public async Task<Upload> CreateAsync(long lengthBytes, string metadata, bool isPartial, byte[]? owner, CancellationToken ct)
    {
        await RequireRoomAsync(lengthBytes, ct);
        var upload = NewUpload(lengthBytes, metadata, owner) with { IsPartial = isPartial };
        await catalog.AddUploadAsync(upload, ct);
        return upload;
    }

    /// <summary>The upload, for its owner; null when there is none, or it is somebody else's.</summary>
    public async ValueTask<Upload?> FindAsync(AssetId id, byte[]? owner, CancellationToken ct)
    {
        var upload = await catalog.FindUploadAsync(id, ct);
        return upload is not null && (upload.OwnerHash ?? []).AsSpan().SequenceEqual(owner ?? []) ? upload : null;
    }

    /// <summary>Appends the body of a request.</summary>
    /// <param name="id">To this upload.</param>
    /// <param name="offset">Where the client thinks that it is.</param>
    /// <param name="lengthBytes">Length of the body; null when that is not known.</param>
    /// <param name="checksum">What the client says of the body; null when it says nothing.</param>
    /// <param name="body">The body.</param>
    /// <param name="ct">The client went away.</param>
    public async Task<AppendResult> AppendAsync(
        AssetId id, long offset, long? lengthBytes, UploadChecksum? checksum, Stream body, CancellationToken ct)
    {
        if (!TryTake(id))
        {
            return new AppendResult(AppendEnd.Busy, 0);
        }

        try
        {
            // Read anew: another request may have appended since the caller looked.
            if (await catalog.FindUploadAsync(id, ct) is not { } upload || upload.OffsetBytes != offset)
            {
                return new AppendResult(AppendEnd.Conflict, 0);
            }

            if (lengthBytes > upload.LengthBytes - offset)
            {
                return new AppendResult(AppendEnd.TooMuch, offset);
            }

            using var file = shelf.OpenAt(id, offset);
            var order = new AppendOrder(upload, checksum, clock.GetUtcNow() + Life, options.Ingest.Durable, () => store.FreeBytes);
            return await UploadAppend.RunAsync(catalog, order, file, body, ct);
        }
        finally
        {
            Release(id);
        }
    }

    /// <summary>Makes one upload of parts, in their order, which are no uploads of their own any more.</summary>
    /// <returns>Null when a part is not there, is no part, or is not whole.</returns>
    public async Task<Upload?> ConcatenateAsync(IReadOnlyList<AssetId> parts, string metadata, byte[]? owner, CancellationToken ct)
    {
        var found = new List<Upload>();
        foreach (var part in parts)
        {
            if (found.Exists(f => f.Id == part) || await FindAsync(part, owner, ct) is not { IsPartial: true, IsComplete: true } upload)
            {
                return null;
            }

            found.Add(upload);
        }

        var whole = NewUpload(found.Sum(p => p.LengthBytes), metadata, owner) with { Parts = [.. parts] };
        await catalog.AddUploadAsync(whole, ct);
        await using (var target = new FileStream(shelf.PathOf(whole.Id), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: false))
        {
            foreach (var part in found)
            {
                await using var source = new FileStream(shelf.PathOf(part.Id), FileMode.Open, FileAccess.Read, FileShare.Read, 0, useAsync: false);
                await source.CopyToAsync(target, 1 << 20, ct);
                shelf.Delete(part.Id); // Room for the next: there is never more than one part twice on the disk.
            }

            if (options.Ingest.Durable)
            {
                target.Flush(flushToDisk: true);
            }
        }

        await catalog.SetOffsetAsync(whole.Id, whole.LengthBytes, whole.ExpiresAt, ct);
        foreach (var part in found)
        {
            await catalog.RemoveUploadAsync(part.Id, ct);
        }

        return whole with { OffsetBytes = whole.LengthBytes };
    }

    /// <summary>Makes a title of an upload that is whole. Whoever hangs up meanwhile finds it made.</summary>
    public async Task<IntakeResult> FinishAsync(Upload upload)
    {
        var metadata = UploadMetadata.TryRead(upload.Metadata) ?? UploadMetadata.None;
        UploadFields.TryTitle(metadata["title"], out var title);
        var id = AssetId.New();
        await using var stage = store.Stage(id);
        File.Move(shelf.PathOf(upload.Id), stage.PathOf("source"));
        var arrival = new Arrival("tus", UploadFields.FileName(metadata["filename"] ?? metadata["name"]), upload.LengthBytes, title, null, PackageWish.None);
        var result = await admission.AdmitAsync(stage, id, arrival, CancellationToken.None);
        await catalog.EndUploadAsync(upload.Id, result.Asset?.Id, result.Detail ?? result.Error?.Title, clock.GetUtcNow() + Life, CancellationToken.None);
        Log.Ended(logger, upload.Id, result.Asset?.Id.Value ?? result.Error!.Code);
        return result;
    }

    /// <summary>Removes an upload and what came of it; false while a request appends to it.</summary>
    public async Task<bool> RemoveAsync(AssetId id, CancellationToken ct)
    {
        if (!TryTake(id))
        {
            return false;
        }

        try
        {
            await catalog.RemoveUploadAsync(id, ct);
            shelf.Delete(id);
            return true;
        }
        finally
        {
            Release(id);
        }
    }

    private TimeSpan Life => TimeSpan.FromMinutes(options.Ingest.UnfinishedMinutes);

    private Upload NewUpload(long lengthBytes, string metadata, byte[]? owner) => new()
    {
        Id = AssetId.New(),
        LengthBytes = lengthBytes,
        Metadata = metadata,
        OwnerHash = owner,
        CreatedAt = clock.GetUtcNow(),
        ExpiresAt = clock.GetUtcNow() + Life,
    };

    private async Task RequireRoomAsync(long lengthBytes, CancellationToken ct)
    {
        if (lengthBytes > options.Ingest.MaxUploadBytes)
        {
            throw MultipartUpload.TooLarge(options.Ingest.MaxUploadBytes);
        }

        var (count, bytes) = await catalog.OpenUploadsAsync(ct);
        if (count >= options.Ingest.MaxUnfinished)
        {
            throw new IntakeRefusedException(ErrorCode.ServerBusy, $"{count} uploads are not finished yet, and there may be {options.Ingest.MaxUnfinished}.");
        }

        if (lengthBytes > store.FreeBytes || bytes + lengthBytes > options.Ingest.MaxUnfinishedBytes)
        {
            throw new IntakeRefusedException(
                ErrorCode.DiskFull, $"The upload has {lengthBytes} bytes; the disk has room for {store.FreeBytes}, and unfinished uploads may have {options.Ingest.MaxUnfinishedBytes}, of which {bytes} are taken.");
        }
    }

    private bool TryTake(AssetId id)
    {
        lock (_gate)
        {
            return _busy.Add(id);
        }
    }

    private void Release(AssetId id)
    {
        lock (_gate)
        {
            _busy.Remove(id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Upload {Upload} ended: {Outcome}")]
        public static partial void Ended(ILogger logger, AssetId upload, string outcome);
    }
}
