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
///   read ──► write, before anything is waited for ──► every 64 MB: flush, tell the catalog ──► end: flush, checksum, tell the catalog
/// </code>
/// An offset is told, to the catalog and to the client, only when the bytes before it are as durable as configured. With a checksum
/// nothing is told before all of it has come and is right.
/// </summary>
internal sealed class UploadAppend
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>So much is sent again at most after this process was killed.</summary>
    private const long CheckpointBytes = 64L << 20;

    /// <summary>Free space is asked for, and the garbage of reading taken away, after so many bytes.</summary>
    private const long LookBytes = 8L << 20;

    private readonly IUploadCatalog _catalog;
    private readonly AppendOrder _order;
    private readonly SafeFileHandle _file;
    private readonly IncrementalHash? _hash;
    private long _offset;
    private long _told;
    private long _nextLook;

    private UploadAppend(IUploadCatalog catalog, AppendOrder order, SafeFileHandle file, IncrementalHash? hash)
    {
        (_catalog, _order, _file, _hash) = (catalog, order, file, hash);
        _offset = _told = order.Upload.OffsetBytes;
        _nextLook = _offset + LookBytes;
    }

    /// <summary>Appends.</summary>
    /// <param name="catalog">Told the offset.</param>
    /// <param name="order">What, and how.</param>
    /// <param name="file">The upload's file, as long as its offset; nobody else appends to it now.</param>
    /// <param name="body">At most what the upload lacks.</param>
    /// <param name="ct">The client went away.</param>
    public static async Task<AppendResult> RunAsync(IUploadCatalog catalog, AppendOrder order, SafeFileHandle file, Stream body, CancellationToken ct)
    {
        using var hash = order.Checksum is { } checksum ? IncrementalHash.CreateHash(checksum.Algorithm) : null;
        return await new UploadAppend(catalog, order, file, hash).RunAsync(body, ct);
    }

    private async Task<AppendResult> RunAsync(Stream body, CancellationToken ct)
    {
        AppendEnd end;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            end = await CopyAsync(body, buffer, ct);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            end = AppendEnd.DiskFull;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (_hash is not null && (end != AppendEnd.Kept || !CryptographicOperations.FixedTimeEquals(_hash.GetHashAndReset(), _order.Checksum!.Expected)))
        {
            RandomAccess.SetLength(_file, _order.Upload.OffsetBytes);
            return new AppendResult(end == AppendEnd.Kept ? AppendEnd.ChecksumMismatch : end, _order.Upload.OffsetBytes);
        }

        // A write that failed in its middle may have left bytes behind the offset; they are cut off when the file is opened again.
        await TellAsync();
        return new AppendResult(end, _offset);
    }

    private async Task<AppendEnd> CopyAsync(Stream body, byte[] buffer, CancellationToken ct)
    {
        var (start, filled) = (0, 0);
        while (_offset + (filled - start) < _order.Upload.LengthBytes)
        {
            var most = (int)Math.Min(BufferBytes - filled, _order.Upload.LengthBytes - _offset - (filled - start));
            var read = body.ReadAsync(buffer.AsMemory(filled, most), ct);
            if (!read.IsCompleted)
            {
                // What came is written before more is waited for: it may be the last that comes.
                Keep(buffer.AsSpan(start, filled - start));
                start = filled;
            }

            var count = await ReadAsync(read);
            if (count <= 0)
            {
                Keep(buffer.AsSpan(start, filled - start));
                return count < 0 ? AppendEnd.Interrupted : AppendEnd.Kept;
            }

            filled += count;
            if (filled == BufferBytes)
            {
                Keep(buffer.AsSpan(start, filled - start));
                (start, filled) = (0, 0);
                if (_offset >= _nextLook && !Look())
                {
                    return AppendEnd.DiskFull;
                }

                if (_hash is null && _offset - _told >= CheckpointBytes)
                {
                    await TellAsync();
                }
            }
        }

        Keep(buffer.AsSpan(start, filled - start));
        return AppendEnd.Kept;
    }

    /// <summary>Bytes that came; 0 at the end, -1 when the request broke off.</summary>
    private static async ValueTask<int> ReadAsync(ValueTask<int> read)
    {
        try
        {
            return await read;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionAbortedException
            || e.InnerException is ConnectionAbortedException)
        {
            return -1;
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        RandomAccess.Write(_file, bytes, _offset);
        _hash?.AppendData(bytes);
        _offset += bytes.Length;
    }

    private bool Look()
    {
        _nextLook = _offset + LookBytes;
        GC.Collect(0, GCCollectionMode.Forced, blocking: true); // As in MultipartUpload.
        return _order.FreeBytes() > 0;
    }

    private async Task TellAsync()
    {
        if (_order.IsDurable)
        {
            RandomAccess.FlushToDisk(_file);
        }

        _told = _offset;
        await _catalog.SetOffsetAsync(_order.Upload.Id, _offset, _order.ExpiresAt, CancellationToken.None);
    }
}
