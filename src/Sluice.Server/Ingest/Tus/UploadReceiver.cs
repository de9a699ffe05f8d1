using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Tus;

/// <summary>
/// Receives what requests append to uploads.
/// <code>
///   bytes ──► shelf ──► kept where other servers reach them, if uploads are shared (<see cref="UploadPieces"/>) ──► row ──► told
/// </code>
/// </summary>
internal sealed class UploadReceiver(
    ICatalog catalog,
    UploadShelf shelf,
    UploadPieces pieces,
    UploadHashes hashes,
    ArrivalDesk arrivals,
    IObjectStore store,
    SluiceOptions options,
    TimeProvider clock)
{
    /// <summary>Bytes that are being kept elsewhere may take longer than the silence that a client is borne.</summary>
    private static readonly TimeSpan WhileKeeping = TimeSpan.FromSeconds(10);

    /// <summary>For how long an upload is kept to which nothing comes.</summary>
    public TimeSpan Life => TimeSpan.FromMinutes(options.Ingest.UnfinishedMinutes);

    /// <summary>Appends the body of a request to an open upload.</summary>
    /// <param name="upload">As its row is.</param>
    /// <param name="request">What to append.</param>
    /// <param name="taken">That this request works on it.</param>
    /// <param name="ct">The client went away.</param>
    public async Task<AppendResult> ReceiveAsync(Upload upload, AppendRequest request, UploadHold taken, CancellationToken ct)
    {
        if (upload.IsComplete)
        {
            return new AppendResult(AppendEnd.Kept, upload);
        }

        if (!pieces.Reaches(upload))
        {
            return new AppendResult(AppendEnd.Busy, null); // Of a version that kept its bytes to itself.
        }

        var isHere = pieces.AreHere(upload);
        if (!isHere)
        {
            await arrivals.LeaveAsync(upload.Id); // It went on elsewhere meanwhile: what has arrived here grows no more.
        }

        var row = upload;
        Task TellingAsync(long offset) => KeepAsync(async () => row = await TellAsync(row, offset), taken, request);

        var hash = hashes.Take(upload);
        using var file = shelf.OpenAt(upload.Id, upload.OffsetBytes, mayLack: !isHere);
        var coming = upload.IsPartial || !isHere ? null : arrivals.Begin(upload.Id, shelf.PathOf(upload.Id), ArrivalOf(upload), upload.OffsetBytes);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct, arrivals.GivenUp(upload.Id), taken.Stopped);
        var outlet = new AppendOutlet(TellingAsync, options.Ingest.Durable, () => store.FreeBytes)
        {
            Heard = () =>
            {
                taken.Hear();
                request.Heard();
            },
            Lull = taken.IsAmongServers ? new AppendLull(IsHeardAsync, taken.PauseAsync, taken.ResumeAsync) : null,
        };
        if (coming is not null && request.Checksum is null) // What a checksum may still take back has not landed.
        {
            outlet = outlet with { Landed = bytes => arrivals.Landed(coming, bytes) };
        }

        var append = new UploadAppend(file, upload.OffsetBytes, upload.LengthBytes, request.Checksum, hash, outlet);
        taken.Hear();
        try
        {
            var (end, offset) = await append.RunAsync(request.Body, ends.Token);
            hashes.Keep(upload.Id, Interlocked.Exchange(ref hash, null), offset);
            if (coming is not null)
            {
                arrivals.Landed(coming, offset);
                arrivals.Tell(coming); // Nothing may come for a while.
            }

            return new AppendResult(end, row);
        }
        catch (UploadMovedException)
        {
            RandomAccess.SetLength(file, row.OffsetBytes); // Nobody is to take what nobody was told of for more.
            await arrivals.LeaveAsync(upload.Id);
            return await catalog.FindUploadAsync(upload.Id, CancellationToken.None) is { Reason: null } moved
                ? new AppendResult(AppendEnd.Conflict, moved)
                : new AppendResult(AppendEnd.Gone, null);
        }
        finally
        {
            taken.HearNoMore();
            hash?.Dispose();
        }
    }

    /// <summary>What was written down outlives a power cut, if so it is configured; only then is it told.</summary>
    public Task FlushAsync() => options.Ingest.Durable ? catalog.FlushAsync(CancellationToken.None) : Task.CompletedTask;

    /// <summary>The client is not heard while its bytes are put elsewhere, and is not silent for that.</summary>
    private async Task KeepAsync(Func<Task> keep, UploadHold taken, AppendRequest request)
    {
        if (!pieces.IsShared)
        {
            await keep();
            return;
        }

        taken.HearNoMore();
        var keeping = keep();
        while (await Task.WhenAny(keeping, Task.Delay(WhileKeeping, clock, CancellationToken.None)) != keeping)
        {
            request.Heard();
        }

        await keeping;
        taken.Hear();
        request.Heard();
    }

    private async Task<bool> IsHeardAsync(Task reading)
    {
        try
        {
            await reading.WaitAsync(UploadLocks.Silence, clock, CancellationToken.None);
            return true;
        }
        catch (TimeoutException)
        {
            return reading.IsCompleted;
        }
    }

    /// <summary>Writes down how far an upload is; where other servers may go on with it, if it is still what was read of it.</summary>
    /// <exception cref="UploadMovedException">It is not.</exception>
    private async Task<Upload> TellAsync(Upload row, long offset)
    {
        var instant = clock.GetUtcNow();
        if (!pieces.IsShared)
        {
            var told = await catalog.UpdateUploadAsync(
                row.Id, u => u with { OffsetBytes = offset, UpdatedAt = instant, ExpiresAt = instant + Life }, CancellationToken.None) ?? row;
            await FlushAsync();
            return told;
        }

        var listed = offset > row.OffsetBytes ? await pieces.KeepAsync(row, offset) : row.Pieces;
        var now = await catalog.UpdateUploadAsync(
            row.Id,
            u => u.IsOpen && u.OffsetBytes == row.OffsetBytes && u.Pieces.SequenceEqual(row.Pieces)
                ? u with { OffsetBytes = offset, Pieces = listed, UpdatedAt = instant, ExpiresAt = instant + Life }
                : null,
            CancellationToken.None);
        await pieces.DropAsync(row.Id, now is null ? listed.Except(row.Pieces) : row.Pieces.Except(listed));
        return now ?? throw new UploadMovedException();
    }

    private static Arrival ArrivalOf(Upload upload)
    {
        var fields = ArrivalFields.Of(upload);
        return new Arrival("tus", fields.FileName, upload.LengthBytes, fields.Title, fields.Minutes, new PackageWish(fields.Burn));
    }

    /// <summary>Another server has gone on with the upload, or ended it.</summary>
    private sealed class UploadMovedException : Exception;
}
