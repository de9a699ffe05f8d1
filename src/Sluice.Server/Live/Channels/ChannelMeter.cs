namespace Sluice.Server.Live.Channels;

/// <summary>
/// Counts and measures what a channel does. Everybody adds, nobody waits.
/// <code>
///   a run begins ──▶ Attach: what its sinks count is read with the rest
///   it is over   ──▶ Detach: their last word is added, and they are read no more, both at once
/// </code>
/// So that no count ever goes back, nor is anything in it twice, whenever it is read.
/// </summary>
internal sealed class ChannelMeter(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<ISegmentSinks> _running = [];
    private readonly long[] _counts = new long[Enum.GetValues<ChannelCounter>().Length];
    private readonly RateWindow _in = new(clock);
    private readonly RateWindow _out = new(clock);
    private readonly LatencyWindow _latency = new();

    /// <summary>Bits per second that came.</summary>
    public long BitsPerSecondIn => _in.BitsPerSecond;

    /// <summary>Bits per second that were sent.</summary>
    public long BitsPerSecondOut => _out.BitsPerSecond;

    /// <summary>How long segments take to begin; null before the first.</summary>
    public FetchLatency? Latency => _latency.Read();

    /// <summary>The last change of upstream; null when there was none.</summary>
    public UpstreamSwitch? LastSwitch { get; private set; }

    /// <summary>All counts, as they are now.</summary>
    public Dictionary<ChannelCounter, long> Read()
    {
        lock (_gate)
        {
            var counts = Enum.GetValues<ChannelCounter>().ToDictionary(c => c, c => Interlocked.Read(ref _counts[(int)c]));
            foreach (var sinks in _running)
            {
                foreach (var (counter, count) in Of(sinks))
                {
                    counts[counter] += count;
                }
            }

            return counts;
        }
    }

    /// <summary>These sinks count from now on. A run that begins may do so before the last one is over.</summary>
    public void Attach(ISegmentSinks sinks)
    {
        lock (_gate)
        {
            _running.Add(sinks);
        }
    }

    /// <summary>These sinks have counted their last.</summary>
    public void Detach(ISegmentSinks sinks)
    {
        lock (_gate)
        {
            _running.Remove(sinks);
            foreach (var (counter, count) in Of(sinks))
            {
                Add(counter, count);
            }
        }
    }

    /// <summary>So many more.</summary>
    public void Add(ChannelCounter counter, long count = 1) => Interlocked.Add(ref _counts[(int)counter], count);

    /// <summary>Bytes of a segment that came.</summary>
    public void ReceivedBytes(long bytes)
    {
        Add(ChannelCounter.BytesIn, bytes);
        _in.Add(bytes);
    }

    /// <summary>Bytes that went to a viewer.</summary>
    public void SentBytes(long bytes)
    {
        Add(ChannelCounter.BytesOut, bytes);
        _out.Add(bytes);
    }

    /// <summary>Another upstream is followed.</summary>
    public void Switched(UpstreamSwitch change)
    {
        Add(ChannelCounter.Switches);
        LastSwitch = change;
    }

    /// <summary>A segment has ended, whole or not.</summary>
    public void Ended(DownloadResult result)
    {
        Add(result.Problem is null ? ChannelCounter.Segments : ChannelCounter.FailedSegments);
        Add(ChannelCounter.Retries, result.Retries);
        if (result.FirstByte is { } latency)
        {
            _latency.Add(latency);
        }
    }

    private static (ChannelCounter Counter, long Count)[] Of(ISegmentSinks sinks) =>
    [
        (ChannelCounter.LostBytes, sinks.LostBytes),
        (ChannelCounter.Losses, sinks.Losses),
        (ChannelCounter.TimesAlone, sinks.TimesAlone),
        (ChannelCounter.LateFrames, sinks.LateFrames),
    ];
}
