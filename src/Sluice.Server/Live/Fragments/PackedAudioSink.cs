using Sluice.Media.Remux;

namespace Sluice.Server.Live.Fragments;

/// <summary>Takes segments of packed audio: the audio of a channel, or a channel that is nothing else.</summary>
/// <param name="role">Which playlist.</param>
/// <param name="remux">Where units go.</param>
internal sealed class PackedAudioSink(SinkRole role, LiveRemux remux) : ISegmentSink
{
    private readonly PackedAudioUnits _units = new(role == SinkRole.Main ? remux.Main : remux.Audio);

    /// <summary>Bytes that were no audio.</summary>
    public long LostBytes => _units.LostBytes;

    /// <inheritdoc />
    public void Begin(UpstreamSegment segment, bool isBreak)
    {
        lock (remux.Gate)
        {
            _units.BeginSegment(role == SinkRole.Main ? remux.BeginSegment(segment) : 0, isBreak);
        }
    }

    /// <inheritdoc />
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (remux.Gate)
        {
            _units.Write(bytes);
            remux.Settle(role, 0);
        }
    }

    /// <inheritdoc />
    public void End(UpstreamSegment segment, DownloadResult result)
    {
        if (role == SinkRole.Main)
        {
            lock (remux.Gate)
            {
                remux.EndSegment(isTold: true);
            }
        }
    }

    /// <inheritdoc />
    public ValueTask ReadyAsync(CancellationToken ct) => remux.ReadyAsync(role == SinkRole.Main, ct);
}
