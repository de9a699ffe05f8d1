using System.Threading.Channels;
using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>What is done with segments, one after the other.</summary>
internal interface ISegmentSink
{
    /// <summary>The first bytes of a segment are there. One of which nothing comes does not begin.</summary>
    /// <param name="segment">Which.</param>
    /// <param name="isBreak">It does not go on where the last one ended.</param>
    void Begin(UpstreamSegment segment, bool isBreak);

    /// <summary>The next bytes of it.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>It has ended, whole or not.</summary>
    void End(UpstreamSegment segment, DownloadResult result);
}

/// <summary>
/// Fetches several segments at a time and hands them on in order; the one whose turn it is as its bytes come.
/// <code>
///   due ──▶ start, as many as there are turns ──▶ [head ▶ bytes ▶ sink] [next: held] [next: held]
/// </code>
/// </summary>
internal sealed class SegmentFetcher(OutboundFetcher outbound, UpstreamManner manner, TimeProvider clock)
{
    /// <summary>Downloads at a time.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Most that one download holds while others have their turn.</summary>
    public long MostHeldBytes { get; init; } = 2 << 20;

    /// <summary>Where the playlist came from; addresses in it are relative to that.</summary>
    public required OutboundUrl Base { get; set; }

    /// <summary>Keys and init segments.</summary>
    public UpstreamStore Store { get; } = new(outbound, manner, clock);

    /// <summary>The address of something in the playlist; null when it is none that may be fetched.</summary>
    public OutboundUrl? Resolve(string uri) => Base.Follow(uri);

    /// <summary>Hands on what is due until there will be no more.</summary>
    public async Task RunAsync(ChannelReader<UpstreamSegment> due, ISegmentSink sink, CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var turns = new SemaphoreSlim(Parallel);

        // The turns bound it.
        var started = Channel.CreateBounded<SegmentDownload>(Parallel);
        var starting = StartAsync(due, started.Writer, turns, ending.Token);
        try
        {
            var isBroken = false;
            await foreach (var download in started.Reader.ReadAllAsync(ct))
            {
                isBroken = !await HandOnAsync(download, sink, isBroken, ct);
                turns.Release();
            }

            await starting;
        }
        finally
        {
            await ending.CancelAsync();
            await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (started.Reader.TryRead(out var left))
            {
                await ((Task)left.Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Fetches the bytes of one resource.</summary>
    internal Task<DownloadResult> FetchAsync(OutboundUrl url, HlsByteRange? range, TakeBytes take, CancellationToken ct) =>
        new ByteFetch(outbound, manner.Request(url, (range?.Offset ?? 0) + UpstreamManner.MostSegmentBytes), range, manner.Patience, clock).RunAsync(take, ct);

    private async Task StartAsync(ChannelReader<UpstreamSegment> due, ChannelWriter<SegmentDownload> started, SemaphoreSlim turns, CancellationToken ct)
    {
        try
        {
            HlsMap? map = null;
            await foreach (var segment in due.ReadAllAsync(ct))
            {
                await turns.WaitAsync(ct);

                // A map that is the same need not be read again, unless something lies between.
                var withMap = segment.Segment.Map is { } own && (segment.IsBreak || own != map);
                map = segment.Segment.Map;
                await started.WriteAsync(SegmentDownload.Start(segment, this, withMap, ct), ct);
            }
        }
        finally
        {
            started.Complete();
        }
    }

    private static async Task<bool> HandOnAsync(SegmentDownload download, ISegmentSink sink, bool isBroken, CancellationToken ct)
    {
        var hasBegun = false;
        while (true)
        {
            var read = await download.Body.ReadAsync(ct);
            if (!hasBegun && !read.Buffer.IsEmpty)
            {
                sink.Begin(download.Segment, isBroken || download.Segment.IsBreak);
                hasBegun = true;
            }

            foreach (var piece in read.Buffer)
            {
                sink.Write(piece.Span);
            }

            download.Body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        await download.Body.CompleteAsync();
        var result = await download.Completion;
        sink.End(download.Segment, result);
        return result.Problem is null;
    }
}
