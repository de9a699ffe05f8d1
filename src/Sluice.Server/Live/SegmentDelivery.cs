namespace Sluice.Server.Live;

/// <summary>Hands segments on to a sink, and remembers what became of them.</summary>
/// <param name="inner">The sink.</param>
/// <param name="watch">Is told.</param>
/// <param name="mostFailures">Segments in a row that may fail.</param>
internal sealed class SegmentDelivery(ISegmentSink inner, IUpstreamWatch watch, int mostFailures) : ISegmentSink
{
    private readonly TaskCompletionSource<string> _failing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failures;
    private bool _hasCome;
    private string? _problem;

    /// <summary>Media sequence number behind the last segment that was begun; null when none was.</summary>
    public long? Next { get; private set; }

    /// <summary>The last segment that was begun came whole.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Completes with a reason when too many segments in a row did not come.</summary>
    public Task<string> Failing => _failing.Task;

    /// <summary>Why not a single segment came; null when one did, or none was asked for.</summary>
    public string? NoneCame => _hasCome || _problem is null ? null : Words(_problem);

    /// <inheritdoc />
    public void Begin(UpstreamSegment segment, bool isBreak)
    {
        (Next, IsWhole) = (segment.Segment.Sequence + 1, false);
        inner.Begin(segment, isBreak);
    }

    /// <inheritdoc />
    public void Write(ReadOnlySpan<byte> bytes)
    {
        inner.Write(bytes);
        watch.Received(bytes.Length);
    }

    /// <inheritdoc />
    public ValueTask ReadyAsync(CancellationToken ct) => inner.ReadyAsync(ct);

    /// <inheritdoc />
    public void End(UpstreamSegment segment, DownloadResult result)
    {
        (Next, IsWhole) = (segment.Segment.Sequence + 1, result.Problem is null);
        inner.End(segment, result);
        watch.Ended(result);
        (_hasCome, _problem) = (_hasCome || result.Problem is null, result.Problem);
        _failures = result.Problem is null ? 0 : _failures + 1;
        if (_failures == mostFailures)
        {
            _failing.TrySetResult(Words(result.Problem!));
        }
    }

    private static string Words(string problem) => $"its segments do not come: {problem}";
}
