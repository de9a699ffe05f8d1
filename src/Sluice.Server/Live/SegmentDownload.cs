using System.IO.Pipelines;
using Sluice.Media.Crypto;
using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>
/// One segment on its way: fetched, decrypted, and held until somebody reads it. When so much is held that the budget says enough,
/// the other side has to wait. Whoever reads gets bytes as they come, so that the one at the head of the line is never waited for.
/// </summary>
internal sealed class SegmentDownload
{
    private readonly Pipe _pipe;

    private SegmentDownload(UpstreamSegment segment, long mostHeldBytes)
    {
        Segment = segment;
        _pipe = new Pipe(new PipeOptions(pauseWriterThreshold: mostHeldBytes, resumeWriterThreshold: mostHeldBytes / 2, useSynchronizationContext: false));
    }

    /// <summary>What is being fetched.</summary>
    public UpstreamSegment Segment { get; }

    /// <summary>Its bytes in the clear, its map before them. It ends where they end; <see cref="Completion"/> says whether that was all.</summary>
    public PipeReader Body => _pipe.Reader;

    /// <summary>How it ended. Never fails for what the other side does.</summary>
    public Task<DownloadResult> Completion { get; private set; } = null!;

    /// <summary>Starts one.</summary>
    public static SegmentDownload Start(UpstreamSegment segment, SegmentFetcher fetcher, bool withMap, CancellationToken ct)
    {
        var download = new SegmentDownload(segment, fetcher.MostHeldBytes);
        download.Completion = download.RunAsync(fetcher, withMap, ct);
        return download;
    }

    private async Task<DownloadResult> RunAsync(SegmentFetcher fetcher, bool withMap, CancellationToken ct)
    {
        // What was got so far is there to be read, and no exception travels through the pipe: the result says how it ended.
        try
        {
            return await FetchAsync(fetcher, withMap, ct);
        }
        finally
        {
            await _pipe.Writer.CompleteAsync();
        }
    }

    private async Task<DownloadResult> FetchAsync(SegmentFetcher fetcher, bool withMap, CancellationToken ct)
    {
        var segment = Segment.Segment;
        if (fetcher.Resolve(segment.Uri) is not { } url)
        {
            return Failed("its address is none that may be fetched");
        }

        var (key, problem) = await KeyAsync(fetcher, segment.Key, ct);
        if (problem is null && withMap && segment.Map is { } map)
        {
            problem = await WriteMapAsync(fetcher, map, ct);
        }

        if (problem is not null)
        {
            return Failed(problem);
        }

        using var decryptor = key is null ? null : Decryptor(key, segment);
        var result = await fetcher.FetchAsync(url, segment.Range, (bytes, token) => WriteAsync(bytes, decryptor, token), ct);
        if (decryptor is null || result.Problem is not null)
        {
            return result;
        }

        _pipe.Writer.Advance(decryptor.Complete(_pipe.Writer.GetSpan(HlsKey.Bytes)));
        await _pipe.Writer.FlushAsync(ct);
        return result with { Problem = decryptor.Problem };
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, SegmentDecryptor? decryptor, CancellationToken ct)
    {
        if (decryptor is null)
        {
            await _pipe.Writer.WriteAsync(bytes, ct);
            return;
        }

        _pipe.Writer.Advance(decryptor.Decrypt(bytes.Span, _pipe.Writer.GetSpan(SegmentDecryptor.MostClearBytes(bytes.Length))));
        await _pipe.Writer.FlushAsync(ct);
    }

    private async Task<string?> WriteMapAsync(SegmentFetcher fetcher, HlsMap map, CancellationToken ct)
    {
        var (key, problem) = await KeyAsync(fetcher, map.Key, ct);
        if (problem is not null || fetcher.Resolve(map.Uri) is not { } url
            || await fetcher.Store.MapAsync(url, map, key, Segment.Segment.Sequence, ct) is not { } bytes)
        {
            return problem ?? "its init segment is not to be had";
        }

        await _pipe.Writer.WriteAsync(bytes, ct);
        return null;
    }

    private static async Task<(byte[]? Key, string? Problem)> KeyAsync(SegmentFetcher fetcher, HlsKey? key, CancellationToken ct)
    {
        if (key is null || key.Problem is not null)
        {
            return (null, key?.Problem);
        }

        var bytes = fetcher.Resolve(key.Uri!) is { } url ? await fetcher.Store.KeyAsync(url, ct) : null;
        return (bytes, bytes is null ? "its key is not to be had" : null);
    }

    private static SegmentDecryptor Decryptor(byte[] key, HlsSegment segment)
    {
        Span<byte> iv = stackalloc byte[HlsKey.Bytes];
        segment.Key!.WriteIv(segment.Sequence, iv);
        return new SegmentDecryptor(key, iv);
    }

    private static DownloadResult Failed(string problem) => new(0, problem, 0, 0);
}
