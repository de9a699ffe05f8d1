using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>What may lie about unfinished: how many uploads in pieces, and how many bytes. A refusal says the numbers.</summary>
internal sealed class UploadQuota(ICatalog catalog, IObjectStore store, SluiceOptions options)
{
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

        if (lengthBytes > options.Ingest.MaxUnfinishedBytes - bytes)
        {
            throw new IntakeRefusedException(
                ErrorCode.DiskFull,
                $"The upload has {lengthBytes} bytes and unfinished ones have {bytes}; together there may be {options.Ingest.MaxUnfinishedBytes} (ingest.maxUnfinishedBytes).");
        }

        RequireRoom(lengthBytes);
    }

    /// <summary>Makes sure that an upload may be so large.</summary>
    /// <exception cref="IntakeRefusedException">It may not.</exception>
    public void RequireSize(long lengthBytes)
    {
        if (lengthBytes > options.Ingest.MaxUploadBytes)
        {
            throw MultipartUpload.TooLarge(options.Ingest.MaxUploadBytes);
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
}
