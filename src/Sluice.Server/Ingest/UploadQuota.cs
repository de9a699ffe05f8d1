using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>How large an upload may be, and what may lie about unfinished: how many uploads in pieces, and how many bytes. A refusal says the numbers.</summary>
internal sealed class UploadQuota(ICatalog catalog, IObjectStore store, SluiceOptions options) : IDisposable
{
    /// <summary>Between the look at what there is and the row that adds to it nobody else may add.</summary>
    private readonly SemaphoreSlim _admitting = new(1, 1);

    /// <summary>Runs what looks at the numbers and then changes them, one such thing at a time.</summary>
    /// <param name="admit">The look and the change; short, and nothing in it admits in turn.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<T> AdmittingAsync<T>(Func<Task<T>> admit, CancellationToken ct)
    {
        await _admitting.WaitAsync(ct);
        try
        {
            return await admit();
        }
        finally
        {
            _admitting.Release();
        }
    }

    /// <summary>Makes sure that one more upload may begin.</summary>
    /// <param name="lengthBytes">Its size; 0 when that is not known.</param>
    /// <param name="ct">Ends the look.</param>
    /// <exception cref="IntakeRefusedException">Too large, too many, or no room.</exception>
    public async Task RequireAsync(long lengthBytes, CancellationToken ct)
    {
        RequireSize(lengthBytes);
        var (count, bytes) = await catalog.CountOpenUploadsAsync(ct);
        if (count >= options.Ingest.MaxUnfinished)
        {
            throw new IntakeRefusedException(
                ErrorCode.ServerBusy, $"{count} uploads are unfinished, and there may be {options.Ingest.MaxUnfinished} (ingest.maxUnfinished).");
        }

        RequireTogether(lengthBytes, bytes);
        RequireRoom(lengthBytes);
    }

    /// <summary>Bytes that unfinished uploads have but this one.</summary>
    /// <param name="id">Of which the bytes are not counted.</param>
    /// <param name="ct">Ends the look.</param>
    /// <returns>Null when it is unfinished no more.</returns>
    public async Task<long?> BytesBesidesAsync(AssetId id, CancellationToken ct)
    {
        var (_, bytes) = await catalog.CountOpenUploadsAsync(ct);
        return await catalog.FindUploadAsync(id, ct) is { IsOpen: true } upload ? bytes - Math.Max(upload.LengthBytes, upload.OffsetBytes) : null;
    }

    /// <summary>Makes sure that an upload whose size nobody announced may become so large. It may always become smaller.</summary>
    /// <param name="fromBytes">What it has.</param>
    /// <param name="toBytes">What it would have.</param>
    /// <param name="othersBytes">What the other unfinished ones have.</param>
    /// <exception cref="IntakeRefusedException">Too large by itself, or with the others.</exception>
    public void RequireGrowth(long fromBytes, long toBytes, long othersBytes)
    {
        if (toBytes > fromBytes)
        {
            RequireSize(toBytes);
            RequireTogether(toBytes, othersBytes);
        }
    }

    /// <summary>Makes sure that an upload may be so large.</summary>
    /// <exception cref="IntakeRefusedException">It may not.</exception>
    public void RequireSize(long lengthBytes)
    {
        if (lengthBytes > options.Ingest.MaxUploadBytes)
        {
            throw new IntakeRefusedException(
                ErrorCode.UploadTooLarge, $"Uploads are limited to {options.Ingest.MaxUploadBytes} bytes (ingest.maxUploadBytes).");
        }
    }

    /// <summary>Makes sure that so many bytes go on the disk.</summary>
    /// <exception cref="IntakeRefusedException">They do not.</exception>
    public void RequireRoom(long lengthBytes)
    {
        var free = store.FreeBytes;
        if (lengthBytes > free)
        {
            throw new IntakeRefusedException(ErrorCode.DiskFull, $"The upload has {lengthBytes} bytes and the disk has room for {free}.");
        }
    }

    /// <inheritdoc />
    public void Dispose() => _admitting.Dispose();

    private void RequireTogether(long lengthBytes, long othersBytes)
    {
        if (lengthBytes > options.Ingest.MaxUnfinishedBytes - othersBytes)
        {
            throw new IntakeRefusedException(
                ErrorCode.DiskFull,
                $"The upload has {lengthBytes} bytes and unfinished ones have {othersBytes}; together there may be {options.Ingest.MaxUnfinishedBytes} (ingest.maxUnfinishedBytes).");
        }
    }
}
