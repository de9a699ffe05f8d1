using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>
/// The first pass over a track: which samples the edit list leaves, where they lie in time, and whether they can be
/// packaged at all. Constant memory, linear time. Of a file that is still arriving it sees what has landed.
/// </summary>
public sealed record TrackScan
{
    /// <summary>Audio before the edit's start that decoders need to settle (encoder priming, SBR, Opus pre-skip): 100 ms.</summary>
    private const int PrerollsPerSecond = 10;

    /// <summary>A title longer than this is a damaged timeline: 60 days.</summary>
    private const long LongestSeconds = 60L * 24 * 3600;

    /// <summary>The reduced edit list.</summary>
    public required TrackTimeline Timeline { get; init; }

    /// <summary>Samples in the file.</summary>
    public long SampleCount { get; init; }

    /// <summary>Decode-order number, from 0, of the first sample that is kept.</summary>
    public long FirstSample { get; init; }

    /// <summary>Decode-order number of the last sample that is kept.</summary>
    public long LastSample { get; init; }

    /// <summary>Earliest presentation time among the kept samples; negative for audio priming.</summary>
    public long FirstPresentationTicks { get; init; }

    /// <summary>Decode time of the first kept sample on the presentation timeline. Decode times lie so much before their
    /// presentation that no composition offset is negative, as ffmpeg and most players want it; so this one is negative
    /// wherever frames are reordered.</summary>
    public long FirstDecodeTicks { get; init; }

    /// <summary>How much earlier than the file says its samples are decoded: its largest negative composition offset.</summary>
    public long DecodeAdvanceTicks { get; init; }

    /// <summary>End of the last kept sample on the presentation timeline.</summary>
    public long EndPresentationTicks { get; init; }

    /// <summary>Bytes of the kept samples.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Samples that the container calls sync samples.</summary>
    public long SyncCount { get; init; }

    /// <summary>Entry of <c>stsd</c> that the samples use, from 1.</summary>
    public int DescriptionIndex { get; init; } = 1;

    /// <summary>The file ends before the track does.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Why the track cannot be packaged as it lies, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>The problem is one of timeline or configuration that encoding takes away; false when the track itself is
    /// damaged or empty.</summary>
    public bool EncodingHelps { get; init; }

    /// <summary>Samples that are kept.</summary>
    public long KeptCount => SampleCount == 0 ? 0 : LastSample - FirstSample + 1;

    /// <summary>When presentation begins: for audio, priming is not presented.</summary>
    public long PresentedStartTicks(TrackKind kind) =>
        kind == TrackKind.Audio ? Math.Max(FirstPresentationTicks, Timeline.DelayTicks) : FirstPresentationTicks;

    /// <summary>The scan was ended after as many samples as were asked for; the track goes on.</summary>
    public bool IsPartial { get; init; }

    /// <summary>The file is still arriving and what is yet to come may describe more samples: the end, the counts and the
    /// last sample are those so far. Never so with tables in one piece.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Scans one track.</summary>
    /// <param name="source">The file.</param>
    /// <param name="movie">Its headers.</param>
    /// <param name="track">One of its tracks.</param>
    /// <param name="mostSamples">Samples after which the scan ends.</param>
    public static TrackScan Run(IByteSource source, Movie movie, MovieTrack track, long mostSamples = long.MaxValue)
    {
        var timeline = TrackTimeline.From(track.Edits, movie.Timescale, track.Timescale, out var problem);
        if (problem is null && timeline.DelayTicks / track.Timescale > LongestSeconds)
        {
            problem = "its edit list delays it by more than 60 days";
        }

        if (problem is not null)
        {
            return new TrackScan { Timeline = timeline, Problem = problem, EncodingHelps = true };
        }

        return Run(source, track, timeline, mostSamples);
    }

    /// <summary>Scans the track again, of whose file more has landed.</summary>
    /// <param name="source">The file.</param>
    /// <param name="track">The same track.</param>
    internal TrackScan Again(IByteSource source, MovieTrack track) => Run(source, track, Timeline, long.MaxValue);

    /// <summary>Whether the track begins as another scan of it says, so that what was packaged by that one stays right.</summary>
    internal bool BeginsLike(TrackScan other) =>
        (FirstSample, FirstPresentationTicks, FirstDecodeTicks, DescriptionIndex)
        == (other.FirstSample, other.FirstPresentationTicks, other.FirstDecodeTicks, other.DescriptionIndex);

    private static TrackScan Run(IByteSource source, MovieTrack track, TrackTimeline timeline, long mostSamples)
    {
        var pass = new Pass(timeline, track);
        var reader = track.OpenSamples(source);
        var left = mostSamples;
        while (pass.Problem is null && left-- > 0 && reader.TryRead(out var sample))
        {
            pass.Add(sample);
        }

        var isOpen = pass.Problem is null && reader.IsWaiting;
        return pass.Finish(reader) with { IsPartial = left < 0 && reader.TryRead(out _), IsOpen = isOpen };
    }

    private sealed class Pass(TrackTimeline timeline, MovieTrack track)
    {
        private readonly bool _isVideo = track.Kind == TrackKind.Video;
        private readonly long _preroll = track.Timescale / PrerollsPerSecond;
        private long _count, _syncs, _bytes, _first = -1, _last = -1, _lastDecode;
        private long _firstComposition, _earliest = long.MaxValue, _latestEnd = long.MinValue, _firstDuration;
        private long _firstDecode, _advance;
        private int _description;
        private bool _encodingHelps;

        public string? Problem { get; private set; }

        public void Add(in MediaSample sample)
        {
            if (_count > 0 && sample.DecodeTicks < _lastDecode)
            {
                Problem = $"its timeline runs backwards at sample {_count + 1}";
                return;
            }

            _lastDecode = sample.DecodeTicks;
            if (Math.Abs(sample.DecodeTicks / track.Timescale) > LongestSeconds
                || Math.Abs(sample.CompositionTicks / track.Timescale) > LongestSeconds)
            {
                Problem = "its timestamps are further apart than 60 days";
                return;
            }

            _syncs += sample.IsSync ? 1 : 0;
            _description = _description == 0 ? sample.DescriptionIndex : _description;
            if (sample.DescriptionIndex != _description)
            {
                Problem = "its codec configuration changes in the middle (several sample descriptions)";
                _encodingHelps = true;
                return;
            }

            if (StartsHere(sample))
            {
                _first = _count;
                _firstComposition = sample.CompositionTicks;
                _firstDuration = sample.DurationTicks;
                _firstDecode = sample.DecodeTicks;
                _advance = 0;
                _earliest = long.MaxValue;
                _latestEnd = long.MinValue;
                _bytes = 0;
            }

            if (_first >= 0 && sample.CompositionTicks < timeline.EndTicks)
            {
                _last = _count;
                _advance = Math.Max(_advance, sample.DecodeTicks - sample.CompositionTicks);
                _earliest = Math.Min(_earliest, sample.CompositionTicks);
                _latestEnd = Math.Max(_latestEnd, sample.CompositionEndTicks);
                _bytes += sample.SizeBytes;
            }

            _count++;
        }

        public TrackScan Finish(SampleReader reader)
        {
            var problem = Problem ?? reader.Problem;
            if (problem is null && _isVideo && timeline.HasStart && _first >= 0
                && timeline.StartTicks - _firstComposition > Math.Max(1, _firstDuration))
            {
                _encodingHelps = true;
                var seconds = Ticks.ToSeconds(timeline.StartTicks - _firstComposition, track.Timescale);
                problem = string.Create(CultureInfo.InvariantCulture,
                    $"its edit list starts {seconds:0.###} s after a keyframe: frames before the cut would be shown");
            }

            var kept = _first >= 0 && _last >= _first;
            return new TrackScan
            {
                Timeline = timeline,
                SampleCount = kept ? _count : 0,
                FirstSample = Math.Max(0, _first),
                LastSample = _last,
                FirstPresentationTicks = kept ? timeline.ToPresentation(_earliest) : 0,
                FirstDecodeTicks = kept ? timeline.ToPresentation(_firstDecode) - _advance : 0,
                DecodeAdvanceTicks = _advance,
                EndPresentationTicks = kept ? timeline.ToPresentation(_latestEnd) : 0,
                TotalBytes = _bytes,
                SyncCount = _syncs,
                DescriptionIndex = Math.Max(1, _description),
                IsTruncated = reader.IsTruncated,
                EncodingHelps = _encodingHelps,
                Problem = problem ?? (kept ? null : NothingLeft(reader)),
            };
        }

        private string NothingLeft(SampleReader reader) =>
            reader.IsTruncated ? "its samples lie beyond the end of the file: the file was cut off"
            : _count == 0 ? "it has no samples"
            : "its edit list leaves no sample";

        /// <summary>Audio starts at the first packet that matters; video at the last sync sample not after the edit's start.</summary>
        private bool StartsHere(in MediaSample sample)
        {
            if (_first < 0)
            {
                return _isVideo || !timeline.HasStart || sample.CompositionEndTicks > timeline.StartTicks - _preroll;
            }

            return _isVideo && timeline.HasStart && sample.IsSync
                && sample.CompositionTicks <= timeline.StartTicks
                && _firstComposition < timeline.StartTicks;
        }
    }
}
