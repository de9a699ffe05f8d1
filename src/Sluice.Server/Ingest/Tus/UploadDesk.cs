using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Tus;

/// <summary>
/// Uploads that come from front to back, from the first announcement to a title.
/// <code>
///   create ──► append, append, … ──► whole: finished (<see cref="UploadFinishing"/>), by the request that brought the last byte
///      └─ concatenate: parts become one     └─ nothing came for a day: expired (<see cref="UploadSweeper"/>)
/// </code>
/// The catalog knows how far each is; what lies behind that in its file was never told to anybody. One request at a time appends.
/// </summary>
internal sealed class UploadDesk(
    ICatalog catalog,
    UploadShelf shelf,
    UploadLocks locks,
    UploadQuota quota,
    UploadReceiver receiver,
    UploadHashes hashes,
    UploadFinishing finishing,
    TimeProvider clock)
{
    /// <summary>Announces an upload.</summary>
    /// <exception cref="IntakeRefusedException">Too large, too many, or no room.</exception>
    public async Task<Upload> CreateAsync(long lengthBytes, string metadata, bool isPartial, byte[]? owner, CancellationToken ct)
    {
        var upload = NewUpload(lengthBytes, metadata, owner) with { IsPartial = isPartial };
        await quota.AdmittingAsync(() => AddAsync(upload, ct), ct);
        await receiver.FlushAsync();
        return upload;
    }

    /// <summary>The upload, for its owner; null when there is none, or it is somebody else's.</summary>
    public async ValueTask<Upload?> FindAsync(AssetId id, byte[]? owner, CancellationToken ct)
    {
        var upload = await catalog.FindUploadAsync(id, ct);
        return upload is { ChunkCount: 0 } && (upload.OwnerHash ?? []).AsSpan().SequenceEqual(owner ?? []) ? upload : null;
    }

    /// <summary>Appends the body of a request; its last byte makes a title of the upload.</summary>
    /// <param name="id">To this upload, which is the client's.</param>
    /// <param name="request">What to append.</param>
    /// <param name="ct">The client went away.</param>
    public async Task<AppendResult> AppendAsync(AssetId id, AppendRequest request, CancellationToken ct)
    {
        await using var taken = await locks.TakeAsync(id);
        if (taken is null)
        {
            return new AppendResult(AppendEnd.Busy, null);
        }

        // Read anew: another request may have appended since the caller looked.
        if (await catalog.FindUploadAsync(id, ct) is not { Reason: null } upload)
        {
            return new AppendResult(AppendEnd.Gone, null);
        }

        if (upload.Parts.Count > 0)
        {
            return new AppendResult(AppendEnd.Final, upload);
        }

        if (request.Offset != upload.OffsetBytes)
        {
            return new AppendResult(AppendEnd.Conflict, upload);
        }

        if (request.LengthBytes > upload.LengthBytes - upload.OffsetBytes)
        {
            return new AppendResult(AppendEnd.TooMuch, upload);
        }

        var result = upload.IsOpen ? await receiver.ReceiveAsync(upload, request, taken, ct) : new AppendResult(AppendEnd.Kept, upload);
        return result is { End: AppendEnd.Kept, Upload: { } now } ? result with { Ended = await FinishAsync(now, taken) } : result;
    }

    /// <summary>Finishes an upload whose bytes are all here and of which nothing has become, if so it is and nobody does it just now.</summary>
    public async Task<IntakeResult?> FinishIfWholeAsync(AssetId id)
    {
        await using var taken = await locks.TryTakeAsync(id);
        return taken is not null && await catalog.FindUploadAsync(id, CancellationToken.None) is { } upload ? await FinishAsync(upload, taken) : null;
    }

    /// <summary>Makes one upload of parts, in their order. Asked for the same once more, it answers the same upload.</summary>
    /// <returns>Null when a part is not there, is no part, is not whole, belongs to another whole, or occurs twice.</returns>
    /// <exception cref="IntakeRefusedException">They are too large together.</exception>
    public async Task<Upload?> ConcatenateAsync(IReadOnlyList<AssetId> parts, string metadata, byte[]? owner, CancellationToken ct)
    {
        var whole = await quota.AdmittingAsync(() => JoinAsync(parts, metadata, owner, ct), ct);
        await receiver.FlushAsync();
        return whole;
    }

    /// <summary>Gives an upload up whose time was over at <paramref name="now"/>, unless something came since, or is coming.</summary>
    /// <returns>False when it stays.</returns>
    public async Task<bool> ExpireAsync(AssetId id, DateTimeOffset now, string reason)
    {
        await using var taken = await locks.TryTakeAsync(id);
        if (taken is null || !await finishing.ExpireAsync(id, now, reason))
        {
            return false;
        }

        hashes.Forget(id);
        return true;
    }

    /// <summary>Gives an upload up; false while a request appends to it. A title that it became stays.</summary>
    public async Task<bool> RemoveAsync(AssetId id, string reason)
    {
        await using var taken = await locks.TakeAsync(id);
        if (taken is null)
        {
            return false;
        }

        hashes.Forget(id);
        if (await catalog.FindUploadAsync(id, CancellationToken.None) is { IsOpen: true } upload)
        {
            await finishing.GiveUpAsync(upload, reason);
        }

        return true;
    }

    /// <summary>Ends an upload that another server receives and that is not whole; false when there is none. Its server finds out when it tells how far it is.</summary>
    public async Task<bool> RevokeAsync(AssetId id, string reason) =>
        await catalog.UpdateUploadAsync(
            id, u => u is { IsOpen: true, IsComplete: false } ? u with { Reason = reason, UpdatedAt = clock.GetUtcNow() } : null, CancellationToken.None) is not null;

    private async Task<Upload> AddAsync(Upload upload, CancellationToken ct)
    {
        await quota.RequireAsync(upload.LengthBytes, ct);
        if (upload.LengthBytes == 0)
        {
            shelf.OpenAt(upload.Id, 0).Dispose(); // Nothing will be appended that would make its file.
        }

        await catalog.AddUploadAsync(upload, ct);
        return upload;
    }

    private async Task<Upload?> JoinAsync(IReadOnlyList<AssetId> parts, string metadata, byte[]? owner, CancellationToken ct)
    {
        var found = new List<Upload>();
        foreach (var part in parts)
        {
            if (found.Exists(f => f.Id == part) || await FindAsync(part, owner, ct) is not { IsPartial: true, IsComplete: true, Reason: null } upload)
            {
                return null;
            }

            found.Add(upload);
        }

        // The answer to the first try may have been lost on its way.
        if (found[0].Asset is { } before)
        {
            return await FindAsync(before, owner, ct) is { } made && made.Parts.SequenceEqual(parts) ? made : null;
        }

        var length = found.Sum(p => p.LengthBytes);
        quota.RequireSize(length);
        quota.RequireRoom(found.Skip(1).Select(p => p.LengthBytes).DefaultIfEmpty().Max()); // One part at most is there twice at a time.
        var whole = NewUpload(length, metadata, owner) with { Parts = [.. parts], OffsetBytes = length };
        return await catalog.AddJoinedUploadAsync(whole, ct) ? whole : null;
    }

    private Upload NewUpload(long lengthBytes, string metadata, byte[]? owner) => new()
    {
        Id = AssetId.New(),
        LengthBytes = lengthBytes,
        Metadata = metadata,
        OwnerHash = owner,
        CreatedAt = clock.GetUtcNow(),
        UpdatedAt = clock.GetUtcNow(),
        ExpiresAt = clock.GetUtcNow() + receiver.Life,
    };

    private async Task<IntakeResult?> FinishAsync(Upload upload, UploadHold taken)
    {
        // While the client was silent behind its last byte, another server may have taken it.
        if (upload is not { IsComplete: true, IsPartial: false, IsOpen: true } || !await taken.ResumeAsync())
        {
            return null;
        }

        try
        {
            return await finishing.FinishAsync(upload, hashes.End(upload), taken);
        }
        catch (UploadElsewhereException)
        {
            return null; // Another server finishes it.
        }
    }
}
