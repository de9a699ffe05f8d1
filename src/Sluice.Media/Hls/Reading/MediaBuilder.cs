namespace Sluice.Media.Hls;

/// <summary>Builds a media playlist (RFC 8216 sections 4.3.2 and 4.3.3).</summary>
internal sealed class MediaBuilder(HlsSurroundings around) : PlaylistBuilder(around)
{
    private readonly SegmentBuilder _segments = new();
    private TimeSpan _target;
    private long _sequence;
    private long _discontinuities;
    private int _skipped;
    private bool _isEnded;
    private bool _iFramesOnly;
    private HlsPlaylistType _type;
    private HlsServerControl? _control;
    private TimeSpan? _partTarget;

    /// <inheritdoc />
    public override HlsPlaylist? Build()
    {
        var segments = _segments.Segments;
        var longest = segments.Count == 0 ? TimeSpan.Zero : segments.Max(static s => s.Duration);
        if (_target == TimeSpan.Zero && longest <= TimeSpan.Zero)
        {
            // A list of links, as those for television boxes are, looks like this.
            RefuseAll("it says neither its target duration nor how long a segment is");
            return null;
        }

        var target = _target > TimeSpan.Zero ? _target : TimeSpan.FromSeconds(Math.Ceiling(longest.TotalSeconds));
        _segments.Number(_sequence + _skipped, _discontinuities, target);
        return Complete(new HlsMediaPlaylist
        {
            TargetDuration = target,
            MediaSequence = _sequence,
            DiscontinuitySequence = _discontinuities,
            SkippedSegments = _skipped,
            Segments = segments,
            IsEnded = _isEnded,
            Type = _type,
            IFramesOnly = _iFramesOnly,
            ServerControl = _control,
            PartTarget = _partTarget,
            Parts = _segments.Parts(_sequence + _skipped),
            PreloadHints = _segments.Hints,
        });
    }

    /// <inheritdoc />
    protected override void TakeUri(string uri) => Judge(_segments.TakeUri(uri));

    /// <inheritdoc />
    protected override void TakeTag(ReadOnlySpan<char> name, string value)
    {
        switch (name)
        {
            case "EXT-X-TARGETDURATION":
                TakeTarget(value);
                break;
            case "EXT-X-MEDIA-SEQUENCE":
                _sequence = Sequence("EXT-X-MEDIA-SEQUENCE", value);
                break;
            case "EXT-X-DISCONTINUITY-SEQUENCE":
                _discontinuities = Sequence("EXT-X-DISCONTINUITY-SEQUENCE", value);
                break;
            case "EXT-X-ENDLIST":
                _isEnded = true;
                break;
            case "EXT-X-I-FRAMES-ONLY":
                _iFramesOnly = true;
                break;
            case "EXT-X-PLAYLIST-TYPE":
                _type = value switch { "EVENT" => HlsPlaylistType.Event, "VOD" => HlsPlaylistType.Vod, _ => HlsPlaylistType.Sliding };
                break;
            case "EXT-X-SERVER-CONTROL":
                _control = ControlOf(Attributes(value));
                break;
            case "EXT-X-PART-INF":
                _partTarget = Attributes(value).Seconds("PART-TARGET");
                break;
            case "EXT-X-SKIP":
                TakeSkip(Attributes(value));
                break;
            default:
                TakeSegmentTag(name, value);
                break;
        }
    }

    private static HlsServerControl ControlOf(AttributeList attributes) => new(
        attributes.IsYes("CAN-BLOCK-RELOAD"), attributes.Seconds("HOLD-BACK"), attributes.Seconds("PART-HOLD-BACK"),
        attributes.Seconds("CAN-SKIP-UNTIL"));

    private void TakeSegmentTag(ReadOnlySpan<char> name, string value)
    {
        switch (name)
        {
            case "EXTINF":
                Judge(_segments.TakeDuration(value));
                break;
            case "EXT-X-BYTERANGE":
                Judge(_segments.TakeRange(value));
                break;
            case "EXT-X-DISCONTINUITY":
                _segments.TakeDiscontinuity();
                break;
            case "EXT-X-GAP":
                _segments.TakeGap();
                break;
            case "EXT-X-PROGRAM-DATE-TIME":
                Judge(_segments.TakeTime(value));
                break;
            case "EXT-X-KEY":
                Judge(_segments.TakeKey(Attributes(value)));
                break;
            case "EXT-X-MAP":
                Judge(_segments.TakeMap(Attributes(value)));
                break;
            case "EXT-X-PART":
                Judge(_segments.TakePart(Attributes(value)));
                break;
            case "EXT-X-PRELOAD-HINT":
                Judge(_segments.TakeHint(Attributes(value)));
                break;
        }
    }

    private void Judge(TagVerdict verdict)
    {
        if (verdict is { Text: { } text, IsFatal: true })
        {
            Refuse(text);
        }
        else if (verdict.Text is { } remark)
        {
            Remark(remark);
        }
    }

    private void TakeTarget(string value)
    {
        if (PlaylistNumbers.TrySeconds(value, out var target) && target > TimeSpan.Zero)
        {
            _target = target;
        }
        else
        {
            Remark("EXT-X-TARGETDURATION is no duration");
        }
    }

    private long Sequence(string name, string value)
    {
        // Far enough from 2^63 that nothing that is added to it overflows.
        if (PlaylistNumbers.TryInteger(value, out var number) && number < long.MaxValue / 2)
        {
            return number;
        }

        Remark($"{name} is no number: 0 is taken");
        return 0;
    }

    private void TakeSkip(AttributeList attributes)
    {
        if (attributes.Number("SKIPPED-SEGMENTS") is { } skipped and <= int.MaxValue / 2)
        {
            _skipped = (int)skipped;
        }
        else
        {
            Refuse("EXT-X-SKIP does not say how many segments are skipped");
        }
    }
}
