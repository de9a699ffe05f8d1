namespace Sluice.Server.Live;

/// <summary>Puts the segments of an upstream into a log, and counts what became of them.</summary>
internal sealed class TsSegmentSink(TsLogWriter writer) : ISegmentSink
{
    /// <summary>Segments in a row without a packet in them: an origin that answers everything with a page in HTML is one that is broken.</summary>
    private const int MostWithoutPackets = 3;

    private long _lostBefore;
    private int _withoutPackets;

    /// <summary>Segments that came whole.</summary>
    public long Whole { get; private set; }

    /// <summary>Segments that did not.</summary>
    public long Failed { get; private set; }

    /// <summary>Times that something was asked for again.</summary>
    public long Retries { get; private set; }

    /// <summary>Bytes that came.</summary>
    public long Bytes { get; private set; }

    /// <summary>Why the last that failed did; null when none has.</summary>
    public string? LastProblem { get; private set; }

    /// <inheritdoc />
    public void Begin(UpstreamSegment segment, bool isBreak)
    {
        _lostBefore = writer.LostBytes;
        writer.BeginSegment(isBreak, segment.Segment.ProgramTime, segment.Segment.Duration);
    }

    /// <inheritdoc />
    public void Write(ReadOnlySpan<byte> bytes) => writer.Write(bytes);

    /// <inheritdoc />
    /// <exception cref="UpstreamRefusedException">There are no packets in what comes.</exception>
    public void End(UpstreamSegment segment, DownloadResult result)
    {
        writer.EndSegment(result.Problem is null);
        Bytes += result.Bytes;
        Retries += result.Retries;
        Whole += result.Problem is null ? 1 : 0;
        Failed += result.Problem is null ? 0 : 1;
        LastProblem = result.Problem ?? LastProblem;

        // Of encrypted ones some bytes of padding do not come this far.
        var isNoMedia = result.Bytes > 0 && (writer.LostBytes - _lostBefore) * 10 >= result.Bytes * 9;
        _withoutPackets = isNoMedia ? _withoutPackets + 1 : 0;
        if (_withoutPackets == MostWithoutPackets)
        {
            throw new UpstreamRefusedException("its segments are no MPEG-TS any more");
        }
    }
}
