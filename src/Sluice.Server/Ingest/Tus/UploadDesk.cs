using System.Collections.Concurrent;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Package;
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
    UploadFinishing finishing,
    ArrivalDesk arrivals,
    IObjectStore store,
    SluiceOptions options,
    TimeProvider clock)
{
    /// <summary>Hashes of what has come so far; of an upload that is not in here the file is read once more at its end.</summary>
    private readonly ConcurrentDictionary<AssetId, SideHash> _hashes = new();

    private TimeSpan Life => TimeSpan.FromMinutes(options.Ingest.UnfinishedMinutes);

    /// <summary>Announces an upload.</summary>
    /// <exception cref="IntakeRefusedException">Too large, too many, or no room.</exception>
    public async Task<Upload> CreateAsync(long lengthBytes, string metadata, bool isPartial, byte[]? owner, CancellationToken ct)
    {
        var upload = NewUpload(lengthBytes, metadata, owner) with { IsPartial = isPartial };
        await quota.AdmittingAsync(() => AddAsync(upload, ct), ct);
        await FlushAsync();
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
        using var taken = await locks.TakeAsync(id);
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

        var (end, now) = upload.IsOpen ? await WriteAsync(upload, request, taken, ct) : (AppendEnd.Kept, upload);
        return new AppendResult(end, now) { Ended = end == AppendEnd.Kept ? await FinishAsync(now) : null };
    }

    /// <summary>Finishes an upload whose bytes are all here and of which nothing has become, if so it is and nobody does it just now.</summary>
    public async Task<IntakeResult?> FinishIfWholeAsync(AssetId id)
    {
        using var taken = locks.TryTake(id);
        return taken is not null && await catalog.FindUploadAsync(id, CancellationToken.None) is { } upload ? await FinishAsync(upload) : null;
    }

    /// <summary>Makes one upload of parts, in their order. Asked for the same once more, it answers the same upload.</summary>
    /// <returns>Null when a part is not there, is no part, is not whole, belongs to another whole, or occurs twice.</returns>
    /// <exception cref="IntakeRefusedException">They are too large together.</exception>
    public async Task<Upload?> ConcatenateAsync(IReadOnlyList<AssetId> parts, string metadata, byte[]? owner, CancellationToken ct)
    {
        var whole = await quota.AdmittingAsync(() => JoinAsync(parts, metadata, owner, ct), ct);
        await FlushAsync();
        return whole;
    }

    /// <summary>Gives an upload up whose time was over at <paramref name="now"/>, unless something came since, or is coming.</summary>
    /// <returns>False when it stays.</returns>
    public async Task<bool> ExpireAsync(AssetId id, DateTimeOffset now, string reason)
    {
        using var taken = locks.TryTake(id);
        if (taken is null || !await finishing.ExpireAsync(id, now, reason))
        {
            return false;
        }

        ForgetHash(id);
        return true;
    }

    /// <summary>Gives an upload up; false while a request appends to it. A title that it became stays.</summary>
    public async Task<bool> RemoveAsync(AssetId id, string reason)
    {
        using var taken = await locks.TakeAsync(id);
        if (taken is null)
        {
            return false;
        }

        ForgetHash(id);
        if (await catalog.FindUploadAsync(id, CancellationToken.None) is { IsOpen: true } upload)
        {
            await finishing.GiveUpAsync(upload, reason);
        }

        return true;
    }

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

    /// <summary>What was written down outlives a power cut, if so it is configured; only then is it told.</summary>
    private Task FlushAsync() => options.Ingest.Durable ? catalog.FlushAsync(CancellationToken.None) : Task.CompletedTask;

    private Upload NewUpload(long lengthBytes, string metadata, byte[]? owner) => new()
    {
        Id = AssetId.New(),
        LengthBytes = lengthBytes,
        Metadata = metadata,
        OwnerHash = owner,
        CreatedAt = clock.GetUtcNow(),
        UpdatedAt = clock.GetUtcNow(),
        ExpiresAt = clock.GetUtcNow() + Life,
    };

    private async Task<(AppendEnd End, Upload Upload)> WriteAsync(Upload upload, AppendRequest request, UploadHold taken, CancellationToken ct)
    {
        if (upload.IsComplete)
        {
            return (AppendEnd.Kept, upload);
        }

        var hash = TakeHash(upload);
        var now = upload;
        async Task TellAsync(long offset)
        {
            var instant = clock.GetUtcNow();
            now = await catalog.UpdateUploadAsync(
                upload.Id, u => u with { OffsetBytes = offset, UpdatedAt = instant, ExpiresAt = instant + Life }, CancellationToken.None) ?? now;
            await FlushAsync();
        }

        using var file = shelf.OpenAt(upload.Id, upload.OffsetBytes);
        var coming = upload.IsPartial ? null : arrivals.Begin(upload.Id, shelf.PathOf(upload.Id), ArrivalOf(upload), upload.OffsetBytes);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct, arrivals.GivenUp(upload.Id), taken.Stopped);
        var outlet = new AppendOutlet(TellAsync, options.Ingest.Durable, () => store.FreeBytes)
        {
            Heard = () =>
            {
                taken.Hear();
                request.Heard();
            },
        };
        if (coming is not null && request.Checksum is null) // What a checksum may still take back has not landed.
        {
            outlet = outlet with { Landed = bytes => arrivals.Landed(coming, bytes) };
        }

        var append = new UploadAppend(file, upload.OffsetBytes, upload.LengthBytes, request.Checksum, hash, outlet);
        taken.Hear();
        var (end, offset) = await append.RunAsync(request.Body, ends.Token);
        taken.HearNoMore();
        if (coming is not null)
        {
            arrivals.Landed(coming, offset);
            arrivals.Tell(coming); // Nothing may come for a while.
        }

        if (hash?.LengthBytes == offset)
        {
            _hashes[upload.Id] = hash;
        }
        else if (hash is not null)
        {
            hash.Dispose();
        }

        return (end, now);
    }

    private static Arrival ArrivalOf(Upload upload)
    {
        var fields = ArrivalFields.Of(upload);
        return new Arrival("tus", fields.FileName, upload.LengthBytes, fields.Title, fields.Minutes, new PackageWish(fields.Burn));
    }

    private async Task<IntakeResult?> FinishAsync(Upload upload)
    {
        if (upload is not { IsComplete: true, IsPartial: false, IsOpen: true })
        {
            return null;
        }

        string? sha256 = null;
        if (_hashes.TryRemove(upload.Id, out var hash))
        {
            sha256 = hash.LengthBytes == upload.LengthBytes ? hash.Current() : null;
            hash.Dispose();
        }

        return await finishing.FinishAsync(upload, sha256);
    }

    /// <summary>The hash of what has come so far; null when it is not known, or of no use.</summary>
    private SideHash? TakeHash(Upload upload)
    {
        if (_hashes.TryRemove(upload.Id, out var hash))
        {
            if (hash.LengthBytes == upload.OffsetBytes)
            {
                return hash;
            }

            hash.Dispose();
        }

        return upload.OffsetBytes == 0 && !upload.IsPartial ? new SideHash() : null;
    }

    private void ForgetHash(AssetId id)
    {
        if (_hashes.TryRemove(id, out var hash))
        {
            hash.Dispose();
        }
    }
}
