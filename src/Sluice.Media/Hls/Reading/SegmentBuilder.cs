namespace Sluice.Media.Hls;

/// <summary>What came of a tag.</summary>
/// <param name="Text">What is wrong; null when nothing is.</param>
/// <param name="IsFatal">It is not to be got over.</param>
internal readonly record struct TagVerdict(string? Text, bool IsFatal = false)
{
    public static TagVerdict Refused(string text) => new(text, true);
}

/// <summary>Gathers the tags before a URI into a segment; what they do not say follows from the segments before.</summary>
internal sealed class SegmentBuilder
{
    /// <summary>Segments and parts. Eleven hours in segments of two seconds are 20,000.</summary>
    private const int MostSegments = 40_000;

    /// <summary>Stands for a duration that is missing until all is read.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.MinValue;

    private readonly List<HlsSegment> _segments = [];
    private readonly List<(int After, HlsPart Part)> _parts = [];
    private readonly List<HlsPreloadHint> _hints = [];
    private readonly KeysInForce _keys = new();
    private readonly RangeMemory _ranges = new();
    private readonly RangeMemory _partRanges = new();
    private TimeSpan _duration = Unknown;
    private (long Length, long? Offset)? _range;
    private HlsMap? _map;
    private DateTimeOffset? _time;
    private bool _isGap;
    private int _discontinuities;
    private bool _isDiscontinuity;

    public IReadOnlyList<HlsSegment> Segments => _segments;

    public IReadOnlyList<HlsPreloadHint> Hints => _hints;

    /// <summary>Gives the segments their numbers, and those without a duration the target.</summary>
    public void Number(long firstSequence, long firstDiscontinuity, TimeSpan target)
    {
        for (var i = 0; i < _segments.Count; i++)
        {
            var segment = _segments[i];
            segment.Sequence = firstSequence + i;
            segment.DiscontinuitySequence += firstDiscontinuity;
            segment.Duration = segment.Duration == Unknown ? target : segment.Duration;
        }
    }

    public IReadOnlyList<HlsPart> Parts(long firstSequence) =>
        [.. _parts.Select(p => p.Part with { Sequence = firstSequence + p.After })];

    public TagVerdict TakeDuration(string value)
    {
        var comma = value.IndexOf(',', StringComparison.Ordinal);
        var isRead = PlaylistNumbers.TrySeconds(comma < 0 ? value : value.AsSpan(0, comma), out var duration);
        _duration = isRead ? duration : Unknown;
        return isRead ? default : new TagVerdict("EXTINF is no duration");
    }

    public TagVerdict TakeRange(string value)
    {
        if (!PlaylistNumbers.TryByteRange(value, out var length, out var offset))
        {
            return TagVerdict.Refused("EXT-X-BYTERANGE is no range");
        }

        _range = (length, offset);
        return default;
    }

    public void TakeDiscontinuity()
    {
        _discontinuities++;
        _isDiscontinuity = true;
    }

    public void TakeGap() => _isGap = true;

    public TagVerdict TakeTime(string value)
    {
        var isRead = DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        _time = isRead ? time : null;
        return isRead ? default : new TagVerdict("EXT-X-PROGRAM-DATE-TIME is no time");
    }

    public TagVerdict TakeKey(AttributeList attributes)
    {
        if (!KeyReading.TryRead(attributes, out var key, out var problem))
        {
            return TagVerdict.Refused(problem!);
        }

        return _keys.TryTake(key) ? default : TagVerdict.Refused("too many formats of keys");
    }

    public TagVerdict TakeMap(AttributeList attributes)
    {
        if (attributes.Text("URI") is not { } uri)
        {
            return TagVerdict.Refused("EXT-X-MAP without a URI");
        }

        HlsByteRange? range = null;
        if (attributes.Text("BYTERANGE") is { } text)
        {
            if (!PlaylistNumbers.TryByteRange(text, out var length, out var offset))
            {
                return TagVerdict.Refused("EXT-X-MAP with a BYTERANGE that is none");
            }

            range = new HlsByteRange(offset ?? 0, length);
        }

        _map = new HlsMap(uri, range, _keys.Current);
        return default;
    }

    public TagVerdict TakePart(AttributeList attributes)
    {
        if (attributes.Text("URI") is not { } uri || attributes.Seconds("DURATION") is not { } duration)
        {
            return new TagVerdict("EXT-X-PART without a URI or a DURATION");
        }

        HlsByteRange? range = null;
        if (attributes.Text("BYTERANGE") is { } text)
        {
            if (!PlaylistNumbers.TryByteRange(text, out var length, out var offset))
            {
                return new TagVerdict("EXT-X-PART with a BYTERANGE that is none");
            }

            range = _partRanges.Of(uri, length, offset, out _);
        }

        _parts.Add((_segments.Count, new HlsPart(0, uri, range, duration, attributes.IsYes("INDEPENDENT"), attributes.IsYes("GAP"))));
        return Count();
    }

    public TagVerdict TakeHint(AttributeList attributes)
    {
        if (attributes.Text("URI") is not { } uri || attributes.Text("TYPE") is not ("PART" or "MAP"))
        {
            return new TagVerdict("EXT-X-PRELOAD-HINT without a URI or a TYPE");
        }

        _hints.Add(new HlsPreloadHint(
            attributes.Text("TYPE") == "MAP", uri, attributes.Number("BYTERANGE-START") ?? 0, attributes.Number("BYTERANGE-LENGTH")));
        return Count();
    }

    public TagVerdict TakeUri(string uri)
    {
        HlsByteRange? range = null;
        var isGuess = false;
        if (_range is var (length, offset))
        {
            if (_ranges.Of(uri, length, offset, out isGuess) is not { } found)
            {
                return TagVerdict.Refused("EXT-X-BYTERANGE lies beyond any file");
            }

            range = found;
        }

        var hasDuration = _duration != Unknown;
        _segments.Add(new HlsSegment
        {
            Uri = uri,
            Duration = _duration,
            DiscontinuitySequence = _discontinuities,
            IsDiscontinuity = _isDiscontinuity,
            IsGap = _isGap,
            Range = range,
            Key = _keys.Current,
            Map = _map,
            ProgramTime = _time,
        });
        (_duration, _range, _time, _isGap, _isDiscontinuity) = (Unknown, null, null, false, false);
        return Count() is { Text: not null } refused ? refused
            : isGuess ? new TagVerdict("a range without an offset follows nothing: it is taken from the start")
            : hasDuration ? default
            : new TagVerdict("a segment without EXTINF");
    }

    private TagVerdict Count() => _segments.Count + _parts.Count + _hints.Count <= MostSegments
        ? default
        : TagVerdict.Refused(string.Create(CultureInfo.InvariantCulture, $"it has more than {MostSegments} segments"));
}
