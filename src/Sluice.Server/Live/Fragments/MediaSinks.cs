using Sluice.Media.Remux;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Output;

namespace Sluice.Server.Live.Fragments;

/// <summary>
/// Takes all that HLS channels consist of, whatever an upstream turns out to send:
/// <code>
///   MPEG-TS                              ▶ the log as it is                       HLS: ts
///   MPEG-TS, audio apart                 ▶ taken apart and muxed                  HLS: ts
///   fragments, audio in them or none     ▶ kept, and muxed for the endless body   HLS: v
///   fragments, audio in fragments apart  ▶ kept both, and muxed                   HLS: v and a
///   packed audio                         ▶ muxed                                  HLS: ts
/// </code>
/// </summary>
internal sealed class MediaSinks(LiveFeed feed, TimeProvider clock) : ISegmentSinks, IDisposable
{
    /// <summary>Fragments are what such a channel is mostly watched by; the endless body needs a group of pictures and some more. Eighths.</summary>
    private const int FragmentShare = 5;
    private const int AudioShare = 1;

    private readonly Lock _choosing = new();
    private readonly SinkCounts _counts = new();
    private readonly List<TransportSink> _parts = [];
    private TsLogWriter _writer = new(feed.Ts, feed.Memory);
    private FragmentLog? _video;
    private FragmentLog? _audio;
    private LiveRemux? _remux;
    private UpstreamTracks _tracks = null!;
    private int _mapVersion;

    /// <inheritdoc />
    public string? Kind { get; private set; }

    /// <inheritdoc />
    public long LostBytes => _writer.LostBytes + _counts.Lost.LostBytes;

    /// <inheritdoc />
    public long Losses => _writer.Losses + _counts.Lost.Losses;

    /// <inheritdoc />
    public long TimesAlone => _counts.Late.TimesAlone;

    /// <inheritdoc />
    public long LateFrames => _counts.Late.LateFrames;

    /// <inheritdoc />
    public ISegmentSink Main(UpstreamShape shape)
    {
        Leave();
        _writer.TargetDuration = feed.TargetDuration;
        var remux = new LiveRemux(_writer, shape.HasSeparateAudio, _mapVersion, shape.TargetDuration, feed.Memory, clock) { Refused = Refuse };
        _remux = remux;
        _counts.Begin(remux);
        var tracks = _tracks = new UpstreamTracks(feed, shape.HasSeparateAudio);
        return new SniffingSink(kind =>
        {
            lock (_choosing)
            {
                return Choose(kind, remux, tracks, shape);
            }
        });
    }

    /// <inheritdoc />
    public ISegmentSink? Audio(UpstreamShape shape)
    {
        var (remux, tracks) = (_remux!, _tracks);
        return new SniffingSink(kind =>
        {
            lock (_choosing)
            {
                return ChooseAudio(kind, remux, tracks);
            }
        });
    }

    /// <inheritdoc />
    public void Complete()
    {
        Leave();
        _writer.EndSegment(isWhole: true);
    }

    /// <inheritdoc />
    public void WithoutAudio(bool isForGood)
    {
        if (isForGood && _remux is { } remux)
        {
            lock (remux.Gate)
            {
                remux.EndAudio();
            }
        }

        lock (_choosing)
        {
            _tracks.SetNoAudio();
        }
    }

    /// <inheritdoc />
    public void Abandon()
    {
        Forget();
        feed.Ts.DropSegment();
        _video?.DropSegment();
        _audio?.DropSegment();
        _writer.Abandon();
        _writer = new TsLogWriter(feed.Ts, feed.Memory, _writer);
    }

    /// <inheritdoc />
    public void Dispose() => Complete();

    private ISegmentSink Choose(MediaKind kind, LiveRemux remux, UpstreamTracks tracks, UpstreamShape shape)
    {
        Kind = kind == MediaKind.Fragments ? "fmp4" : "ts";
        feed.TsProblem = kind == MediaKind.Fragments ? feed.TsProblem : null;
        switch (kind)
        {
            case MediaKind.Fragments:
                if (!tracks.TakesFragments)
                {
                    SetTransport(tracks);
                    return Count(new FragmentSink(SinkRole.Main, remux, takesAudio: !shape.HasSeparateAudio, null, Known));
                }

                var log = _video ??= NewLog(shape.HasSeparateAudio ? FragmentShare - AudioShare : FragmentShare);
                return Count(new FragmentSink(SinkRole.Main, remux, takesAudio: !shape.HasSeparateAudio, log, units =>
                {
                    Known(units);
                    tracks.SetMain(log, units);
                }));
            case MediaKind.Ts when shape.HasSeparateAudio:
                SetTransport(tracks);
                return Count(new TransportSink(SinkRole.Main, remux));
            case MediaKind.Ts:
                SetTransport(tracks);
                return new TsSegmentSink(_writer);
            case MediaKind.PackedAudio:
                SetTransport(tracks);
                return Count(new PackedAudioSink(SinkRole.Main, remux));
            default:
                throw new UpstreamRefusedException("its segments are text, not video or audio");
        }
    }

    private ISegmentSink ChooseAudio(MediaKind kind, LiveRemux remux, UpstreamTracks tracks)
    {
        switch (kind)
        {
            case MediaKind.Fragments:
                if (!tracks.TakesFragments)
                {
                    return Count(new FragmentSink(SinkRole.Audio, remux, takesAudio: true, null, static _ => { }));
                }

                var log = _audio ??= NewLog(AudioShare);
                return Count(new FragmentSink(SinkRole.Audio, remux, takesAudio: true, log, units => tracks.SetAudio(log, units)));
            case MediaKind.Ts:
                SetTransport(tracks);
                return Count(new TransportSink(SinkRole.Audio, remux));
            case MediaKind.PackedAudio:
                SetTransport(tracks);
                return Count(new PackedAudioSink(SinkRole.Audio, remux));
            default:
                throw new UpstreamRefusedException("the segments of its audio are text");
        }
    }

    /// <summary>The upstream that leads cannot be sent in MPEG-TS. When that is what players of HLS have, it is of no use.</summary>
    private void Refuse(string reason)
    {
        if (feed.Tracks.All is [{ Maps: null }, ..])
        {
            throw new UpstreamRefusedException($"it does not go on in MPEG-TS, which players have: {reason}");
        }

        feed.TsProblem = reason;
    }

    /// <summary>Another upstream may do what the one before could not.</summary>
    private void Known(FragmentUnits units) => feed.TsProblem = units.Refusal is null ? null : feed.TsProblem;

    /// <summary>From now on all goes into the transport stream. Fragments that nobody was told of are of no use.</summary>
    private void SetTransport(UpstreamTracks tracks)
    {
        _video?.Retire(); // Who writes them may be on another thread.
        _audio?.Retire();
        tracks.SetTransport();
        _video?.Log.Complete();
        _audio?.Log.Complete();
        feed.Memory.Retire();
    }

    private FragmentLog NewLog(int shares)
    {
        var log = new ChunkLog(0);
        feed.Memory.Add(log, shares);
        return new FragmentLog(log, new LiveMaps(feed.Memory)) { TargetDuration = feed.TargetDuration };
    }

    /// <summary>An upstream is left: what waits goes out.</summary>
    private void Leave()
    {
        if (_remux is { } before)
        {
            _parts.ForEach(static sink => sink.Finish());
            before.Complete();
            _mapVersion = before.NextMapVersion;
            Forget();
        }
    }

    private void Forget()
    {
        _remux?.Dispose();
        _remux = null;
        _parts.Clear();
        _counts.End();
    }

    private FragmentSink Count(FragmentSink sink)
    {
        _counts.Add(() => (0, sink.Losses));
        return sink;
    }

    private TransportSink Count(TransportSink sink)
    {
        _parts.Add(sink);
        _counts.Add(() => (sink.LostBytes, sink.Losses));
        return sink;
    }

    private PackedAudioSink Count(PackedAudioSink sink)
    {
        _counts.Add(() => (sink.LostBytes, 0));
        return sink;
    }
}
