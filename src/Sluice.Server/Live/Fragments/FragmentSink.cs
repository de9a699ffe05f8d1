using Sluice.Media.IsoBmff;
using Sluice.Media.Remux;

namespace Sluice.Server.Live.Fragments;

/// <summary>Which of the playlists of an upstream a sink is for.</summary>
internal enum SinkRole
{
    /// <summary>The media playlist, which leads.</summary>
    Main,

    /// <summary>The playlist of its audio.</summary>
    Audio,
}

/// <summary>
/// Takes segments of fragmented MP4: keeps them for players that fetch segments, and takes them apart for the endless body.
/// <code>
///   bytes ──▶ SegmentSplitter ──▶ init  ──▶ map, tracks
///                            └──▶ media ──▶ FragmentUnits ──▶ LiveRemux
///                                      └──▶ FragmentLog
/// </code>
/// </summary>
/// <param name="role">Which playlist.</param>
/// <param name="remux">Where units go.</param>
/// <param name="takesAudio">Audio that is in it is used.</param>
/// <param name="log">Where segments are kept; null when they are not.</param>
/// <param name="told">Is told when another init segment was read.</param>
internal sealed class FragmentSink(SinkRole role, LiveRemux remux, bool takesAudio, FragmentLog? log, Action<FragmentUnits> told) : ISegmentSink
{
    private readonly SegmentSplitter _splitter = new();
    private readonly FragmentUnits _units = new(role == SinkRole.Main ? remux.Main : remux.Audio, remux.MostUnitBytes);
    private long? _discontinuity;
    private bool _isFirst = true;

    /// <summary>Samples that were announced and did not come, and segments with bytes that were none.</summary>
    public long Losses => _units.LostSamples + _damaged;

    private long _damaged;

    /// <inheritdoc />
    public void Begin(UpstreamSegment segment, bool isBreak)
    {
        _splitter.Restart();
        lock (remux.Gate)
        {
            _units.BeginSegment(role == SinkRole.Main ? remux.BeginSegment(segment) : 0, isBreak);
        }

        // What was missed is only a gap; another upstream, or what the source calls a discontinuity, may have other clocks.
        var number = segment.Segment.DiscontinuitySequence;
        var isTold = segment.Segment.IsDiscontinuity || (_isFirst && isBreak) || (_discontinuity is { } before && before != number);
        log?.BeginSegment(isTold, segment.Segment.ProgramTime);
        (_discontinuity, _isFirst) = (number, false);
    }

    /// <inheritdoc />
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (_splitter.TryTake(ref bytes, out var media))
        {
            if (media.IsEmpty)
            {
                Open(_splitter.Init!.Value);
                continue;
            }

            if (_splitter.Init is null)
            {
                throw new UpstreamRefusedException("its segments have no init segment (EXT-X-MAP)");
            }

            lock (remux.Gate)
            {
                _units.Write(media);
                remux.Settle(role, _units.HeldBytes);
            }

            log?.Write(media, _splitter.IsAtFragmentEnd, _units.SegmentSpan);
        }
    }

    /// <inheritdoc />
    public void End(UpstreamSegment segment, DownloadResult result)
    {
        _damaged += _splitter.Problem is null && _units.Problem is null ? 0 : 1;
        log?.EndSegment(_units.SegmentSpan, segment.Segment.Duration);
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

    private void Open(ReadOnlyMemory<byte> init)
    {
        lock (remux.Gate)
        {
            _units.Open(init, takesVideo: role == SinkRole.Main, takesAudio);
            if (_units.Refusal is { } refusal)
            {
                remux.Refuse(role, refusal);
            }
        }

        if (_units.Descriptions.FirstOrDefault(static d => d.IsEncrypted) is { } locked)
        {
            throw new UpstreamRefusedException($"its {(locked.CodedWidth > 0 ? "video" : "audio")} is encrypted ({locked.EncryptionScheme ?? "DRM"})");
        }

        if (_units.Descriptions.Count == 0)
        {
            throw new UpstreamRefusedException(_units.Refusal ?? "its init segment has neither video nor audio");
        }

        log?.SetMap(init);
        told(_units);
    }
}
