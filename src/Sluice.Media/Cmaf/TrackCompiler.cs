using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using RandomAccess = Sluice.Media.Codecs.RandomAccess;

namespace Sluice.Media.Cmaf;

/// <summary>How one track is compiled.</summary>
public sealed record TrackCompilerOptions
{
    /// <summary>Name in URLs: <c>v0</c>, <c>a0</c>…</summary>
    public required string Id { get; init; }

    /// <summary>track_ID of the CMAF track, from 1.</summary>
    public required uint TrackId { get; init; }

    /// <summary>Target duration of a segment in seconds.</summary>
    public required double TargetSeconds { get; init; }

    /// <summary>Whole seconds added to every timestamp of every track of the asset, so that none is negative: what
    /// <see cref="TimelineOrigin"/> answers for all of them.</summary>
    public long OriginSeconds { get; init; }

    /// <summary>Segments of the track that leads, and its timescale; null for the leader itself.</summary>
    public (IReadOnlyList<SegmentTiming> Segments, uint Timescale)? Leader { get; init; }

    /// <summary>This is the track of its kind to play by default.</summary>
    public bool IsDefault { get; init; }

    /// <summary>See <see cref="TrackSummary.AlternativeOf"/>.</summary>
    public string? AlternativeOf { get; init; }

    /// <summary>BCP 47 tag instead of the file's own; null keeps that.</summary>
    public string? Language { get; init; }

    /// <summary>Name for people instead of the file's own; null keeps that.</summary>
    public string? Name { get; init; }
}

/// <summary>
/// The second pass over a track: cuts it, writes each segment's head and extents into an index, and sums up.
/// <code>
///   1 read a sample ──► 2 does a segment begin here? ──► 3 write out the segment before
///         ▲                    (the bitstream is asked)              │
///         └──────────────── 4 add the sample ◄───────────────────────┘     5 table, init, summary
/// </code>
/// Memory: the samples of one segment, and one row per segment.
/// </summary>
public sealed class TrackCompiler
{
    /// <summary>Bytes of a sample that are read to learn whether decoding can start there.</summary>
    private const int PrefixBytes = 4096;

    private readonly IByteSource _source;
    private readonly MovieTrack _track;
    private readonly SampleDescription _description;
    private readonly TrackScan _scan;
    private readonly TrackCompilerOptions _options;
    private readonly TrackIndexWriter _index;
    private readonly long _origin;
    private readonly bool _isVideo;
    private readonly bool _askEverySample;
    private readonly ReusableList<SegmentSample> _samples = new();
    private readonly ReusableList<Extent> _extents = new();
    private readonly SpanWriter _head = new(4096);
    private readonly byte[] _prefix = new byte[PrefixBytes];
    private CutTable? _cuts;
    private long _decodeShift;
    private long _segmentStart;
    private long _segmentDecode;
    private long _payload;
    private bool _independent = true;
    private bool _segmentIsOpen;

    private TrackCompiler(
        IByteSource source, MovieTrack track, SampleDescription description, TrackScan scan, TrackCompilerOptions options, IByteSink sink)
    {
        _source = source;
        _track = track;
        _description = description;
        _scan = scan;
        _options = options;
        _index = new TrackIndexWriter(sink);
        _origin = options.OriginSeconds * track.Timescale;
        ArgumentOutOfRangeException.ThrowIfNegative(scan.FirstDecodeTicks + _origin, nameof(options));
        _isVideo = track.Kind == TrackKind.Video;
        // "No stss" means "all are sync samples" and "an empty stss" means "none is": for video both are usually untrue.
        _askEverySample = _isVideo && (scan.SyncCount == 0 || (scan.SyncCount == scan.SampleCount && scan.SampleCount > 1));
    }

    /// <summary>Compiles one track.</summary>
    /// <param name="source">The file.</param>
    /// <param name="track">One of its tracks, without a problem.</param>
    /// <param name="description">Its sample description.</param>
    /// <param name="scan">Its first pass, without a problem.</param>
    /// <param name="options">How.</param>
    /// <param name="sink">Takes the index.</param>
    /// <param name="problem">Why the track cannot be packaged after all, or null.</param>
    /// <returns>The summary and the timings, or null with a problem.</returns>
    /// <exception cref="ArgumentOutOfRangeException">With these options the first decode time would be negative.</exception>
    public static (TrackSummary Summary, IReadOnlyList<SegmentTiming> Segments)? Compile(
        IByteSource source, MovieTrack track, SampleDescription description, TrackScan scan, TrackCompilerOptions options,
        IByteSink sink, out string? problem) =>
        new TrackCompiler(source, track, description, scan, options, sink).Run(out problem);

    private (TrackSummary, IReadOnlyList<SegmentTiming>)? Run(out string? problem)
    {
        problem = null;
        var reader = _track.OpenSamples(_source);
        var left = _scan.FirstSample;
        while (left-- > 0 && reader.TryRead(out _))
        {
            // Samples before the edit's start.
        }

        if (!reader.TryRead(out var sample))
        {
            problem = reader.Problem ?? "it has no samples";
            return null;
        }

        _decodeShift = _scan.FirstDecodeTicks + _origin - sample.DecodeTicks;
        uint previousDuration = 1;
        for (var n = _scan.FirstSample; ; n++)
        {
            // :: Step 1: the true duration is the distance to the next sample's decoding; only the last one's is as stated.
            var more = reader.TryRead(out var next);
            var distance = more ? next.DecodeTicks - sample.DecodeTicks : sample.DurationTicks;
            var isLast = n >= _scan.LastSample || !more;
            if (distance > uint.MaxValue && !isLast)
            {
                problem = string.Create(CultureInfo.InvariantCulture,
                    $"its timeline has a gap of {Ticks.ToSeconds(distance, _track.Timescale):0} s");
                return null;
            }

            var duration = isLast && distance == 0 ? previousDuration : (uint)Math.Clamp(distance, 0, uint.MaxValue);
            var presentation = _scan.Timeline.ToPresentation(sample.CompositionTicks) + _origin;
            var offset = presentation - (sample.DecodeTicks + _decodeShift);
            if (offset is > int.MaxValue or < 0)
            {
                problem = "its composition offsets are out of range";
                return null;
            }

            Add(sample, presentation, duration, (int)offset);
            if (_samples.Count > SegmentWriter.MostSamples)
            {
                problem = "it has no place to cut in more than a million samples";
                return null;
            }

            previousDuration = Math.Max(1, duration);
            if (isLast)
            {
                break;
            }

            sample = next;
        }

        // :: Step 5
        CloseSegment(Math.Max(_segmentStart + 1, _scan.EndPresentationTicks + _origin));
        if (_index.Entries.Count > TrackIndexWriter.MostSegments)
        {
            problem = "it falls into more segments than any honest title";
            return null;
        }

        var summary = Summarize();
        _index.Finish(WriteInit(), summary);
        return (summary, [.. _index.Entries.Select(e => e.Timing)]);
    }

    private void Add(in MediaSample sample, long presentation, uint duration, int offset)
    {
        // :: Step 2
        var isSync = sample.IsSync;
        if (!_segmentIsOpen)
        {
            isSync = Opens(sample, isFirst: true);
            OpenSegment(FirstStart(presentation), sample.DecodeTicks + _decodeShift);
        }
        else if (BeginsSegment(sample, presentation, duration, ref isSync))
        {
            // :: Step 3
            CloseSegment(presentation);
            OpenSegment(presentation, sample.DecodeTicks + _decodeShift);
        }
        else if (presentation < _segmentStart)
        {
            _independent = false; // A leading picture: it needs frames of the segment before.
        }

        // :: Step 4
        _samples.Add(new SegmentSample(sample.SizeBytes, duration, offset, isSync));
        _payload += sample.SizeBytes;
        AddExtent(sample.Offset, sample.SizeBytes);
    }

    /// <summary>The first segment starts at the earliest frame, which need not be the first in decode order.</summary>
    private long FirstStart(long presentation) => Math.Min(presentation, _scan.FirstPresentationTicks + _origin);

    private bool BeginsSegment(in MediaSample sample, long presentation, uint duration, ref bool isSync)
    {
        if (!_isVideo)
        {
            return _cuts!.FollowsHere(presentation) && presentation > _segmentStart;
        }

        if (_askEverySample)
        {
            isSync = Opens(sample, isFirst: false);
        }

        if (!isSync || presentation <= _segmentStart || !_cuts!.IsDue(presentation, duration))
        {
            return false;
        }

        isSync = _askEverySample || Opens(sample, isFirst: false);
        return isSync;
    }

    /// <summary>Whether decoding can start at the sample, as its own bytes tell; the container is believed only where
    /// they do not.</summary>
    private bool Opens(in MediaSample sample, bool isFirst)
    {
        if (!_isVideo)
        {
            return true;
        }

        var prefix = _prefix.AsSpan(0, Math.Min(PrefixBytes, sample.SizeBytes));
        var read = _source.Read(sample.Offset, prefix);
        switch (_description.Classify(prefix[..Math.Max(0, read)]))
        {
            case RandomAccess.Idr:
                return true;
            case RandomAccess.OpenGop:
                return true; // Leading pictures, if any follow, clear the independence flag.
            case RandomAccess.None:
                _independent &= !isFirst;
                return false;
            default:
                return sample.IsSync;
        }
    }

    private void OpenSegment(long start, long decode)
    {
        _cuts ??= _options.Leader is { } leader
            ? CutTable.Following(_track.Timescale, _options.TargetSeconds, start, _scan.EndPresentationTicks + _origin,
                leader.Segments, leader.Timescale)
            : _isVideo
                ? CutTable.Leading(_track.Timescale, _options.TargetSeconds, start)
                : CutTable.Following(_track.Timescale, _options.TargetSeconds, start, _scan.EndPresentationTicks + _origin, [], 1);
        _cuts.Cut(start);
        _segmentStart = start;
        _segmentDecode = decode;
        _segmentIsOpen = true;
    }

    private void CloseSegment(long end)
    {
        _head.Clear();
        var number = (uint)_index.Entries.Count + 1;
        SegmentWriter.WriteHead(
            _head, _options.TrackId, number, _segmentDecode, _samples.Span, _payload);
        _index.Append(new SegmentTiming(_segmentStart, end - _segmentStart), _head.WrittenSpan, _extents.Span, _payload);
        _samples.Clear();
        _extents.Clear();
        _payload = 0;
    }

    private void AddExtent(long offset, int length)
    {
        if (length == 0)
        {
            return;
        }

        if (_extents.Count > 0 && _extents.Last is var last && last.Offset + last.LengthBytes == offset
            && last.LengthBytes <= int.MaxValue - length)
        {
            _extents.Last = last with { LengthBytes = last.LengthBytes + length };
        }
        else
        {
            _extents.Add(new Extent(offset, length, 0));
        }
    }

    private byte[] WriteInit() => InitSegmentWriter.Write(new InitSegment(
        _options.TrackId, _track.Kind, _track.Timescale, _description.ToCmafSampleEntry(),
        _track.Language, _track.Header?.Matrix, _track.Header?.Width ?? 0, _track.Header?.Height ?? 0));

    private TrackSummary Summarize()
    {
        var entries = _index.Entries;
        var longest = entries.Max(e => e.Timing.DurationTicks);
        var end = entries[^1].Timing.StartTicks + entries[^1].Timing.DurationTicks;
        var timescale = _track.Timescale;
        var summary = new TrackSummary
        {
            Id = _options.Id,
            Kind = _track.Kind,
            Codecs = _description.Codecs,
            Timescale = timescale,
            SegmentCount = entries.Count,
            StartTicks = _scan.PresentedStartTicks(_track.Kind) + _origin,
            EndTicks = end,
            LongestSegmentTicks = longest,
            PeakBitsPerSecond = BitRates.Peak(entries, timescale, BitRates.TargetTicks(longest, timescale)),
            AverageBitsPerSecond = BitRates.Average(entries, timescale),
            Language = _options.Language ?? Languages.ToBcp47(_track.Language),
            Name = _options.Name ?? _track.Name,
            IsDefault = _options.IsDefault,
            AlternativeOf = _options.AlternativeOf,
            IndependentSegments = _independent,
            ChannelCount = _isVideo ? 0 : _description.ChannelCount,
            SampleRate = _isVideo ? 0 : _description.SampleRate,
        };
        return _isVideo ? VideoShape.Apply(summary, _description, _track.Header, _scan, timescale) : summary;
    }
}
