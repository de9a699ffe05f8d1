namespace Sluice.Server.Live.Fragments;

/// <summary>Looks at the first bytes of the first segment, and hands all on to what takes such.</summary>
/// <param name="choose">Makes the sink for a kind of media.</param>
internal sealed class SniffingSink(Func<MediaKind, ISegmentSink> choose) : ISegmentSink
{
    private readonly byte[] _head = new byte[MediaSniffing.Bytes];
    private ISegmentSink? _inner;
    private (UpstreamSegment Segment, bool IsBreak)? _begun;
    private int _headBytes;

    /// <inheritdoc />
    public void Begin(UpstreamSegment segment, bool isBreak)
    {
        if (_inner is { } inner)
        {
            inner.Begin(segment, isBreak);
            return;
        }

        // What was too short to tell is lost, and that is a break.
        (_begun, _headBytes) = ((segment, isBreak || _begun is not null), 0);
    }

    /// <inheritdoc />
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_inner is null)
        {
            var taken = Math.Min(bytes.Length, _head.Length - _headBytes);
            bytes[..taken].CopyTo(_head.AsSpan(_headBytes));
            _headBytes += taken;
            bytes = bytes[taken..];
            if (_headBytes < _head.Length)
            {
                return;
            }

            _inner = choose(MediaSniffing.Of(_head));
            _inner.Begin(_begun!.Value.Segment, _begun.Value.IsBreak);
            _inner.Write(_head);
        }

        if (!bytes.IsEmpty)
        {
            _inner.Write(bytes);
        }
    }

    /// <inheritdoc />
    public void End(UpstreamSegment segment, DownloadResult result) => _inner?.End(segment, result);

    /// <inheritdoc />
    public ValueTask ReadyAsync(CancellationToken ct) => _inner?.ReadyAsync(ct) ?? ValueTask.CompletedTask;
}
