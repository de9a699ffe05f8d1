using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.Win32.SafeHandles;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Tus;

/// <summary>
/// Appends the body of one request to an upload.
/// <code>
///   read ──► write ──► every 64 MB: flush, tell the catalog ──► … ──► end: flush, checksum, tell the catalog
/// </code>
/// An offset is told, to the catalog and to the client, only when the bytes before it are as durable as configured. With a checksum
/// nothing is told before all of it has come and is right.
/// </summary>
/// <param name="catalog">Told the offset.</param>
/// <param name="durable">Flush to the platter before an offset is told; else the bytes survive the death of this process, not that of the machine.</param>
/// <param name="freeBytes">Room on the disk.</param>
internal sealed class UploadAppend(IUploadCatalog catalog, bool durable, Func<long> freeBytes)
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>So much is sent again at most after this process was killed.</summary>
    private const long CheckpointBytes = 64L << 20;

    /// <summary>Free space is asked for, and the garbage of reading taken away, after so many bytes.</summary>
    private const long LookBytes = 8L << 20;

    /// <summary>Appends.</summary>
    /// <param name="upload">As the catalog has it; nobody else appends to it now.</param>
    /// <param name="file">Its file, as long as its offset.</param>
    /// <param name="body">What is appended; at most what the upload lacks.</param>
    /// <param name="checksum">What the client says of it; null when it says nothing.</param>
    /// <param name="expiresAt">Until when the upload is kept when no more comes.</param>
    /// <param name="ct">The client went away.</param>
    public async Task<AppendResult> RunAsync(
        Upload upload, SafeFileHandle file, Stream body, UploadChecksum? checksum, DateTimeOffset expiresAt, CancellationToken ct)
    {
        using var hash = checksum is null ? null : IncrementalHash.CreateHash(checksum.Algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var (offset, told) = (upload.OffsetBytes, upload.OffsetBytes);
        var nextLook = offset + LookBytes;
        var end = AppendEnd.Kept;
        try
        {
            while (offset < upload.LengthBytes)
            {
                var most = (int)Math.Min(BufferBytes, upload.LengthBytes - offset);
                var count = await body.ReadAtLeastAsync(buffer.AsMemory(0, most), most, throwOnEndOfStream: false, ct);
                if (count == 0)
                {
                    break;
                }

                RandomAccess.Write(file, buffer.AsSpan(0, count), offset);
                hash?.AppendData(buffer, 0, count);
                offset += count;
                if (offset >= nextLook)
                {
                    nextLook += LookBytes;
                    GC.Collect(0, GCCollectionMode.Forced, blocking: true); // As in MultipartUpload.
                    if (freeBytes() <= 0)
                    {
                        end = AppendEnd.DiskFull;
                        break;
                    }
                }

                if (hash is null && offset - told >= CheckpointBytes)
                {
                    await TellAsync(upload, file, told = offset, expiresAt);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionAbortedException || e.InnerException is ConnectionAbortedException
            || (e is IOException && !DiskFull.Is(e)))
        {
            end = AppendEnd.Interrupted;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            end = AppendEnd.DiskFull;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (hash is not null && (end != AppendEnd.Kept || !CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), checksum!.Expected)))
        {
            RandomAccess.SetLength(file, upload.OffsetBytes);
            return new AppendResult(end == AppendEnd.Kept ? AppendEnd.ChecksumMismatch : end, upload.OffsetBytes);
        }

        // A write that failed in its middle may have left bytes behind the offset; they are cut off when the file is opened again.
        await TellAsync(upload, file, offset, expiresAt);
        return new AppendResult(end, offset);
    }

    private async Task TellAsync(Upload upload, SafeFileHandle file, long offset, DateTimeOffset expiresAt)
    {
        if (durable)
        {
            RandomAccess.FlushToDisk(file);
        }

        await catalog.SetOffsetAsync(upload.Id, offset, expiresAt, CancellationToken.None);
    }
}
