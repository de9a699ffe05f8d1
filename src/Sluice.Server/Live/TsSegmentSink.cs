namespace Sluice.Server.Live;

/// <summary>Puts the segments of an upstream into a log, and counts what became of them.</summary>
internal sealed class TsSegmentSink(TsLogWriter writer) : ISegmentSink
{
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
    public void Begin(UpstreamSegment segment, bool isBreak) => writer.BeginSegment(isBreak, segment.Segment.ProgramTime);

    /// <inheritdoc />
    public void Write(ReadOnlySpan<byte> bytes) => writer.Write(bytes);

    /// <inheritdoc />
    public void End(UpstreamSegment segment, DownloadResult result)
    {
        Bytes += result.Bytes;
        Retries += result.Retries;
        Whole += result.Problem is null ? 1 : 0;
        Failed += result.Problem is null ? 0 : 1;
        LastProblem = result.Problem ?? LastProblem;
    }
}
