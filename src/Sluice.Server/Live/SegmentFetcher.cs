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

    /// <summary>Waits as long as it has enough: meanwhile nothing is written, and whoever sends has to wait too.</summary>
    ValueTask ReadyAsync(CancellationToken ct) => ValueTask.CompletedTask;
}

/// <summary>
/// Fetches several segments at a time and hands them on in order; the one whose turn it is as its bytes come.
/// <code>
///   due ──▶ start, as many as there are turns ──▶ [head ▶ bytes ▶ sink] [next: held] [next: held]
/// </code>
/// </summary>
internal sealed class SegmentFetcher(OutboundFetcher outbound, UpstreamManner manner, TimeProvider clock)
{
    /// <summary>Of a segment that was under way when the upstream was left.</summary>
    private static readonly DownloadResult LeftAlone = new(0, "the upstream was left while it came", 0, 0);

    private HlsMap? _map;

    /// <summary>Downloads at a time.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Most that one download holds while others have their turn.</summary>
    public long MostHeldBytes { get; init; } = 2 << 20;

    /// <summary>Whose memory held bytes are; null when nobody counts them.</summary>
    public ChannelMemory? Memory
    {
        get;
        init => field = Store.Memory = value;
    }

    /// <summary>Where the playlist came from; addresses of segments that do not say where theirs did are relative to that.</summary>
    public required OutboundUrl Base { get; set; }

    /// <summary>Finds a segment that was denied once more, with an address that may be allowed; null when there is none.</summary>
    public Func<UpstreamSegment, CancellationToken, Task<UpstreamSegment?>> Renew { get; init; } = static (_, _) => Task.FromResult<UpstreamSegment?>(null);

    /// <summary>Whether a segment has left the playlist.</summary>
    public Func<UpstreamSegment, bool> IsLate { get; init; } = static _ => false;

    /// <summary>Keys and init segments.</summary>
    public UpstreamStore Store { get; } = new(outbound, manner, clock);

    /// <summary>The address of something that a segment's playlist names; null when it is none that may be fetched.</summary>
    public OutboundUrl? Resolve(UpstreamSegment segment, string uri) => (segment.Base ?? Base).Follow(uri);

    /// <summary>Hands on what is due until there will be no more.</summary>
    public async Task RunAsync(ChannelReader<UpstreamSegment> due, ISegmentSink sink, CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var turns = new SemaphoreSlim(Parallel);

        // The turns bound it.
        var started = Channel.CreateBounded<SegmentDownload>(Parallel);
        var starting = StartAsync(due, started.Writer, turns, ending.Token);
        SegmentDownload? head = null;
        try
        {
            var isBroken = false;
            while (await started.Reader.WaitToReadAsync(ct))
            {
                while (started.Reader.TryRead(out head))
                {
                    isBroken = !await HandOnAsync(head, sink, isBroken, ct);
                    head.Dispose();
                    turns.Release();
                }
            }

            await starting;
        }
        finally
        {
            await ending.CancelAsync();
            await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (head is not null || started.Reader.TryRead(out head))
            {
                await ((Task)head.Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                head.Dispose();
                head = null;
            }

            Store.Clear();
        }
    }

    /// <summary>What fetches a resource.</summary>
    internal ByteFetch Fetch(UpstreamSegment segment, OutboundUrl url) =>
        new(outbound, Request(url, segment.Segment.Range), segment.Segment.Range, manner.Patience, clock)
        {
            IsLate = () => IsLate(segment),
            Limit = manner.Limit(segment.Segment.Duration),
        };

    /// <summary>How a resource is asked for.</summary>
    internal OutboundRequest Request(OutboundUrl url, HlsByteRange? range) => manner.Request(url, (range?.Offset ?? 0) + UpstreamManner.MostSegmentBytes);

    private async Task StartAsync(ChannelReader<UpstreamSegment> due, ChannelWriter<SegmentDownload> started, SemaphoreSlim turns, CancellationToken ct)
    {
        try
        {
            await foreach (var segment in due.ReadAllAsync(ct))
            {
                await turns.WaitAsync(ct);
                await started.WriteAsync(SegmentDownload.Start(segment, this, ct), ct);
            }
        }
        finally
        {
            started.Complete();
        }
    }

    private async Task<bool> HandOnAsync(SegmentDownload download, ISegmentSink sink, bool isBroken, CancellationToken ct)
    {
        var hasBegun = false;
        try
        {
            while (true)
            {
                var read = await download.Body.ReadAsync(ct);
                if (!hasBegun && !read.Buffer.IsEmpty)
                {
                    sink.Begin(download.Segment, isBroken || download.Segment.IsBreak);
                    WriteMap(download, sink);
                    hasBegun = true;
                }

                foreach (var piece in read.Buffer)
                {
                    sink.Write(piece.Span);
                    await sink.ReadyAsync(ct);
                }

                download.AdvanceTo(read.Buffer);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (hasBegun)
        {
            // What is kept outlives the upstream: nobody else says that there will be no more of this one.
            sink.End(download.Segment, LeftAlone);
            throw;
        }

        await download.Body.CompleteAsync();
        var result = await download.Completion;
        sink.End(download.Segment, result);
        return result.Problem is null;
    }

    /// <summary>A map that is the same need not be read again, unless something lies between. Only one that was read counts: that of a segment which did not come
    /// is for the next.</summary>
    private void WriteMap(SegmentDownload download, ISegmentSink sink)
    {
        var map = download.Segment.Segment.Map;
        if (download.Map is { } bytes && (download.Segment.IsBreak || map != _map))
        {
            sink.Write(bytes);
        }

        _map = map;
    }
}
