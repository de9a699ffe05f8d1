using Sluice.Media.Remux;

namespace Sluice.Server.Live.Fragments;

/// <summary>Takes segments of MPEG-TS apart, when their video and audio come from different playlists.</summary>
/// <param name="role">Which playlist.</param>
/// <param name="remux">Where units go.</param>
internal sealed class TransportSink(SinkRole role, LiveRemux remux) : ISegmentSink
{
    private readonly TransportUnits _units = new(
        role == SinkRole.Main ? remux.Main : remux.Audio, takesVideo: role == SinkRole.Main, takesAudio: role == SinkRole.Audio)
    {
        MostUnitBytes = remux.MostUnitBytes,
    };

    private bool _isCut;

    /// <summary>PES packets that were not whole.</summary>
    public long Losses => _units.LostUnits;

    /// <summary>Bytes that were no packets.</summary>
    public long LostBytes => _units.LostBytes;

    /// <inheritdoc />
    public void Begin(UpstreamSegment segment, bool isBreak)
    {
        lock (remux.Gate)
        {
            _units.BeginSegment(role == SinkRole.Main ? remux.BeginSegment(segment) : 0, isBreak, _isCut);
            _isCut = true; // Until its end has come.
        }
    }

    /// <inheritdoc />
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (remux.Gate)
        {
            _units.Write(bytes);
            remux.Settle(role, _units.HeldBytes);
        }
    }

    /// <inheritdoc />
    public void End(UpstreamSegment segment, DownloadResult result)
    {
        _isCut = result.Problem is not null;
        if (role == SinkRole.Main)
        {
            lock (remux.Gate)
            {
                remux.EndSegment(isTold: false);
            }
        }
    }

    /// <summary>No more segments will come: what ends with the last one is whole.</summary>
    public void Finish()
    {
        lock (remux.Gate)
        {
            _units.Finish(_isCut);
        }
    }

    /// <inheritdoc />
    public ValueTask ReadyAsync(CancellationToken ct) => remux.ReadyAsync(role == SinkRole.Main, ct);
}
