using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.Win32.SafeHandles;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Tus;

/// <summary>
/// Appends the body of one request to the file of an upload.
/// <code>
///   read ──► write, before anything is waited for ──► every 64 MB: flush, tell ──► end: flush, checksum, tell
///     └ silent, where other servers may go on: flush, tell; whoever comes to another server goes on there
/// </code>
/// An offset is told only when the bytes before it are as durable as configured. With a checksum nothing is told before all of it has come
/// and is right.
/// </summary>
/// <param name="file">The file, as long as <paramref name="start"/>; nobody else appends to it now.</param>
/// <param name="start">Offset of the first byte.</param>
/// <param name="end">Size of the whole; nothing is written behind it.</param>
/// <param name="checksum">What the client says of the bytes; null when it says nothing.</param>
/// <param name="content">Hash of all bytes before <paramref name="start"/>, gone on with; null when it is not known.</param>
/// <param name="outlet">What is told, and asked, meanwhile.</param>
internal sealed class UploadAppend(SafeFileHandle file, long start, long end, UploadChecksum? checksum, SideHash? content, AppendOutlet outlet)
{
    /// <summary>So much is sent again at most after this process was killed.</summary>
    private const long CheckpointBytes = 64L << 20;

    private readonly IncrementalHash? _hash = checksum is null ? null : IncrementalHash.CreateHash(checksum.Algorithm);
    private readonly long _start = start;
    private long _offset = start;
    private long _told = start;
    private long _nextLook = start + HashedWrite.LookBytes;

    /// <summary>Appends.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="ct">The client went away.</param>
    /// <returns>How it ended, and the offset that was told.</returns>
    public async Task<(AppendEnd End, long Offset)> RunAsync(PipeReader body, CancellationToken ct)
    {
        AppendEnd ending;
        try
        {
            ending = await CopyAsync(body, ct);
            ending = Judge(ending);
            if (ending is AppendEnd.TooMuch or AppendEnd.ChecksumMismatch || (checksum is not null && ending != AppendEnd.Kept))
            {
                _offset = _start;
                RandomAccess.SetLength(file, _start);
            }

            // A write that failed in its middle may have left bytes behind the offset; they are cut off when the file is opened again.
            await TellAsync();
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            ending = AppendEnd.DiskFull; // Nowhere to write down how far it is either: what was told before holds.
        }
        finally
        {
            _hash?.Dispose();
        }

        return (ending, _told);
    }

    private AppendEnd Judge(AppendEnd ending) =>
        ending == AppendEnd.Kept && checksum is not null && !CryptographicOperations.FixedTimeEquals(_hash!.GetHashAndReset(), checksum.Expected)
            ? AppendEnd.ChecksumMismatch
            : ending;

    private async Task<AppendEnd> CopyAsync(PipeReader body, CancellationToken ct)
    {
        try
        {
            while (_offset < end)
            {
                if (await ReadAsync(body, ct) is not { } read)
                {
                    return AppendEnd.Interrupted;
                }

                var piece = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, Math.Min(HashedWrite.PieceBytes, end - _offset)));
                try
                {
                    await KeepAsync(piece);
                }
                finally
                {
                    body.AdvanceTo(piece.End);
                }

                if (piece.IsEmpty && read.IsCompleted)
                {
                    return AppendEnd.Kept;
                }

                if (!await LookAsync())
                {
                    return AppendEnd.DiskFull;
                }
            }

            return await IsMoreAsync(body, ct) ? AppendEnd.TooMuch : AppendEnd.Kept;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return AppendEnd.DiskFull;
        }
    }

    private async ValueTask<bool> IsMoreAsync(PipeReader body, CancellationToken ct)
    {
        if (await ReadAsync(body, ct) is not { } read)
        {
            return false;
        }

        body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        return !read.Buffer.IsEmpty;
    }

    /// <summary>Bytes that came, none at the end; null when the request broke off, or the upload went on elsewhere.</summary>
    private async ValueTask<ReadResult?> ReadAsync(PipeReader body, CancellationToken ct)
    {
        if (outlet.Lull is not { } lull)
        {
            return await TryReadAsync(body.ReadAsync(ct));
        }

        var reading = TryReadAsync(body.ReadAsync(ct)).AsTask();
        if (reading.IsCompleted || await lull.HoldsAsync(reading))
        {
            return await reading;
        }

        if (checksum is null)
        {
            await TellAsync(); // Or it would be sent once more to whoever is asked next.
        }

        await lull.Begin();
        var read = await reading;
        if (read is null || await lull.End())
        {
            return read;
        }

        body.AdvanceTo(read.Value.Buffer.Start);
        return null;
    }

    private static async ValueTask<ReadResult?> TryReadAsync(ValueTask<ReadResult> reading)
    {
        try
        {
            return await reading;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionAbortedException
            || e.InnerException is ConnectionAbortedException)
        {
            return null;
        }
    }

    private async ValueTask KeepAsync(ReadOnlySequence<byte> bytes)
    {
        if (_hash is not null)
        {
            foreach (var block in bytes)
            {
                _hash.AppendData(block.Span);
            }
        }

        outlet.Heard();
        await HashedWrite.RunAsync(file, _offset, bytes, content);
        _offset += bytes.Length;
        outlet.Landed(_offset);
    }

    /// <summary>False when the disk is full.</summary>
    private async Task<bool> LookAsync()
    {
        if (_offset >= _nextLook)
        {
            _nextLook = _offset + HashedWrite.LookBytes;
            if (outlet.FreeBytes() <= 0)
            {
                return false;
            }
        }

        if (checksum is null && _offset - _told >= CheckpointBytes)
        {
            await TellAsync();
        }

        return true;
    }

    private async Task TellAsync()
    {
        if (outlet.IsDurable && _offset > _start)
        {
            RandomAccess.FlushToDisk(file);
        }

        await outlet.Tell(_offset);
        _told = _offset;
    }
}

/// <summary>What somebody who appends tells and asks.</summary>
/// <param name="Tell">Writes down that the upload is at this offset.</param>
/// <param name="IsDurable">Flush to the platter before an offset is told; else bytes survive the death of this process, not that of the machine.</param>
/// <param name="FreeBytes">Room on the disk.</param>
internal sealed record AppendOutlet(Func<long, Task> Tell, bool IsDurable, Func<long> FreeBytes)
{
    /// <summary>Told of every write: all bytes before this offset are in the file, though they may still be taken back. Must cost next to nothing.</summary>
    public Action<long> Landed { get; init; } = static _ => { };

    /// <summary>Told whenever something came.</summary>
    public Action Heard { get; init; } = static () => { };

    /// <summary>What is done while the client sends nothing; null for nothing.</summary>
    public AppendLull? Lull { get; init; }
}

/// <summary>While a client sends nothing, others may go on with the upload.</summary>
/// <param name="HoldsAsync">Waits for what is read; false when the client has been silent for too long.</param>
/// <param name="Begin">Others may.</param>
/// <param name="End">Something came: others may no more; false when one has.</param>
internal sealed record AppendLull(Func<Task, Task<bool>> HoldsAsync, Func<Task> Begin, Func<Task<bool>> End);
