using System.Buffers;
using System.IO.Pipelines;
using Sluice.Media.Crypto;
using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>
/// One segment on its way: fetched, decrypted, and held until somebody reads it. When so much is held that the budget says enough,
/// the other side has to wait. Whoever reads gets bytes as they come, so that the one at the head of the line is never waited for.
/// </summary>
internal sealed class SegmentDownload : IByteRoom, IDisposable
{
    /// <summary>Most that is taken at a time, of a log that has room for it. Then nearly all goes from here into the log, and only the picture that has not
    /// ended is held between: see <see cref="TsLogWriter"/>.</summary>
    private const int MostPieceBytes = 4 * ByteFetch.PieceBytes;

    /// <summary>A piece is no more than this part of what is held.</summary>
    private const int PieceParts = 4;

    private readonly Pipe _pipe;
    private readonly ChannelMemory? _memory;
    private SegmentDecryptor? _decryptor;
    private byte[]? _encrypted;
    private long _heldBytes;

    private SegmentDownload(UpstreamSegment segment, ChannelMemory? memory, long mostHeldBytes)
    {
        (Segment, _memory) = (segment, memory);

        var piece = (int)Math.Clamp(mostHeldBytes / PieceParts, ByteFetch.PieceBytes, MostPieceBytes);
        var pauseAt = mostHeldBytes - (piece - ByteFetch.PieceBytes); // The piece that is on its way by then counts.

        // Whoever has bytes hands them on himself: a change of threads for each piece would cost more than what is done with it.
        _pipe = new Pipe(new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: pauseAt, resumeWriterThreshold: pauseAt / 2, minimumSegmentSize: piece,
            useSynchronizationContext: false));
    }

    /// <summary>What is being fetched.</summary>
    public UpstreamSegment Segment { get; }

    /// <summary>What it is to be read with (EXT-X-MAP), in the clear; null when it needs none. Known when the first bytes are there.</summary>
    public byte[]? Map { get; private set; }

    /// <summary>Its bytes in the clear. It ends where they end; <see cref="Completion"/> says whether that was all.</summary>
    public PipeReader Body => _pipe.Reader;

    /// <summary>How it ended. Never fails for what the other side does.</summary>
    public Task<DownloadResult> Completion { get; private set; } = null!;

    /// <summary>Starts one.</summary>
    public static SegmentDownload Start(UpstreamSegment segment, SegmentFetcher fetcher, CancellationToken ct)
    {
        var download = new SegmentDownload(segment, fetcher.Memory, fetcher.MostHeldBytes);
        download.Completion = download.RunAsync(fetcher, ct);
        return download;
    }

    /// <inheritdoc />
    Memory<byte> IByteRoom.Room() => _decryptor is null ? _pipe.Writer.GetMemory(ByteFetch.LeastRoomBytes) : _encrypted ??= new byte[ByteFetch.PieceBytes];

    /// <inheritdoc />
    async ValueTask IByteRoom.TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        Hold(Advance(_decryptor?.Decrypt(bytes.Span, _pipe.Writer.GetSpan(SegmentDecryptor.MostClearBytes(bytes.Length))) ?? bytes.Length));
        await _pipe.Writer.FlushAsync(ct);
    }

    /// <summary>All that was read is done with.</summary>
    public void AdvanceTo(in ReadOnlySequence<byte> read)
    {
        LetGo(read.Length);
        Body.AdvanceTo(read.End);
    }

    /// <summary>What it still holds is given back. When it has completed.</summary>
    public void Dispose()
    {
        Body.Complete();
        LetGo(long.MaxValue);
    }

    private async Task<DownloadResult> RunAsync(SegmentFetcher fetcher, CancellationToken ct)
    {
        // What was got so far is there to be read, and no exception travels through the pipe: the result says how it ended.
        try
        {
            return await FetchAsync(fetcher, ct);
        }
        finally
        {
            await _pipe.Writer.CompleteAsync();
        }
    }

    private async Task<DownloadResult> FetchAsync(SegmentFetcher fetcher, CancellationToken ct)
    {
        var segment = Segment.Segment;
        if (fetcher.Resolve(Segment, segment.Uri) is not { } url)
        {
            return Failed("its address is none that may be fetched");
        }

        var (key, problem) = await KeyAsync(fetcher, segment.Key, ct);
        if (problem is null && segment.Map is { } map)
        {
            (Map, problem) = await MapAsync(fetcher, map, ct);
        }

        if (problem is not null)
        {
            return Failed(problem);
        }

        using var decryptor = _decryptor = key is null ? null : Decryptor(key, segment);
        var result = await FetchAsync(fetcher, url, ct);
        if (decryptor is null || result.Problem is not null)
        {
            return result;
        }

        Hold(Advance(decryptor.Complete(_pipe.Writer.GetSpan(HlsKey.Bytes))));
        await _pipe.Writer.FlushAsync(ct);
        return result with { Problem = decryptor.Problem };
    }

    private async Task<DownloadResult> FetchAsync(SegmentFetcher fetcher, OutboundUrl url, CancellationToken ct)
    {
        var fetch = fetcher.Fetch(Segment, url);
        var result = await fetch.RunAsync(this, ct);
        if (!result.IsDenied || await fetcher.Renew(Segment, ct) is not { } renewed || fetcher.Resolve(renewed, renewed.Segment.Uri) is not { } other)
        {
            return result;
        }

        // What comes after it has its key and its map at the new place too; this one has them already.
        return await fetch.RunAsync(fetcher.Request(other, renewed.Segment.Range), this, ct);
    }

    private int Advance(int bytes)
    {
        _pipe.Writer.Advance(bytes);
        return bytes;
    }

    private void Hold(long bytes)
    {
        Interlocked.Add(ref _heldBytes, bytes);
        _memory?.Take(bytes);
    }

    private void LetGo(long bytes)
    {
        // What is read was counted before; at the end, all that is left goes.
        var counted = Math.Min(bytes, Interlocked.Read(ref _heldBytes));
        Interlocked.Add(ref _heldBytes, -counted);
        _memory?.Give(counted);
    }

    private async Task<(byte[]? Map, string? Problem)> MapAsync(SegmentFetcher fetcher, HlsMap map, CancellationToken ct)
    {
        var (key, problem) = await KeyAsync(fetcher, map.Key, ct);
        var bytes = problem is null && fetcher.Resolve(Segment, map.Uri) is { } url ? await fetcher.Store.MapAsync(url, map, key, Segment.Segment.Sequence, ct) : null;
        return (bytes, problem ?? (bytes is null ? "its init segment is not to be had" : null));
    }

    private async Task<(byte[]? Key, string? Problem)> KeyAsync(SegmentFetcher fetcher, HlsKey? key, CancellationToken ct)
    {
        if (key is null || key.Problem is not null)
        {
            return (null, key?.Problem);
        }

        var bytes = await KeyAsync(fetcher, Segment, key.Uri!, ct);
        if (bytes is null && await fetcher.Renew(Segment, ct) is { Segment.Key: { Problem: null, Uri: { } uri } } renewed)
        {
            bytes = await KeyAsync(fetcher, renewed, uri, ct);
        }

        return (bytes, bytes is null ? "its key is not to be had" : null);
    }

    private static async Task<byte[]?> KeyAsync(SegmentFetcher fetcher, UpstreamSegment segment, string uri, CancellationToken ct) =>
        fetcher.Resolve(segment, uri) is { } url ? await fetcher.Store.KeyAsync(url, ct) : null;

    private static SegmentDecryptor Decryptor(byte[] key, HlsSegment segment)
    {
        Span<byte> iv = stackalloc byte[HlsKey.Bytes];
        segment.Key!.WriteIv(segment.Sequence, iv);
        return new SegmentDecryptor(key, iv);
    }

    private static DownloadResult Failed(string problem) => new(0, problem, 0, 0);
}
