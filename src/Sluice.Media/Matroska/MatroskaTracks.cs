using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Matroska;

/// <summary>What the frames of the first segments tell of every track: where the packets of a sound lie, how far pictures are reordered, how many bytes
/// a second has, and what VP9 is like, of which the file's head says nothing.</summary>
/// <param name="movie">The file.</param>
/// <param name="leastOriginSeconds">Whole seconds by which all times are late at least.</param>
internal sealed class MatroskaTracks(MatroskaMovie movie, int leastOriginSeconds)
{
    /// <summary>Bytes of a keyframe that its header may take.</summary>
    private const int HeaderBytes = 64;

    private readonly MatroskaTrack[] _tracks = [.. movie.Tracks];
    private readonly Dictionary<ulong, Facts> _facts = [];

    /// <summary>In the file's order.</summary>
    public IReadOnlyList<MatroskaTrack> Tracks => _tracks;

    /// <summary>Whole seconds by which all times are late, so that no decode time lies before zero.</summary>
    public int OriginSeconds { get; private set; } = leastOriginSeconds;

    /// <summary>Takes note of what one of the first segments has.</summary>
    public void Learn(IByteSource source, MatroskaStretch stretch)
    {
        foreach (var (number, frames) in stretch.All)
        {
            var place = Array.FindIndex(_tracks, t => t.Number == number);
            if (place >= 0)
            {
                _tracks[place] = Described(source, _tracks[place], frames);
                Learn(stretch, _tracks[place], frames);
            }
        }
    }

    /// <summary>By how many of the file's ticks decoding of pictures is ahead of showing.</summary>
    public long LeadOf(MatroskaTrack track) => Of(track).Lead;

    /// <summary>Time of the first packet of a sound, in the file's ticks; the others lie on a grid from there.</summary>
    public long OriginOf(MatroskaTrack track) => Of(track).Origin;

    /// <summary>Where a track begins, in the file's ticks: with the first cut, if nothing of it is in the first segment.</summary>
    public long StartOf(MatroskaTrack track, MatroskaCut first) =>
        track.Kind == TrackKind.Audio && Of(track).Start is { } start && start < first.EndTicks ? Math.Max(0, start) : first.StartTicks;

    /// <summary>Takes note of where the sounds end that are in the first segment.</summary>
    public void Learn(MatroskaEnds ends)
    {
        foreach (var track in _tracks.Where(t => t.Description is not null && Of(t).Start is not null))
        {
            Of(track).End = ends.Find(track);
        }
    }

    /// <summary>Segments of a track.</summary>
    public int CountOf(MatroskaTrack track, int all) => Of(track).End?.Number ?? all;

    /// <summary>Where its last segment ends, in the file's ticks: a sound a packet after its last.</summary>
    public long EndOf(MatroskaTrack track, MatroskaCut last) => Of(track) is { End: { } end } facts
        ? Math.Max(last.StartTicks, end.LastTicks) + Math.Max(1, facts.Ticks / Math.Max(1, facts.Frames))
        : last.EndTicks;

    /// <summary>Bits in a second of a sound, as in what was looked at.</summary>
    public long BitsPerSecond(MatroskaTrack track) =>
        Of(track) is { Ticks: > 0 } facts ? Ticks.Rescale(facts.Bytes * 8, facts.Ticks, movie.Timescale) : 0;

    /// <summary>Frames in as many of the file's ticks.</summary>
    public (int Frames, long Ticks) RateOf(MatroskaTrack track) => (Of(track).Frames, Of(track).Ticks);

    private Facts Of(MatroskaTrack track) => _facts.GetValueOrDefault(track.Number) ?? new Facts();

    private static MatroskaTrack Described(IByteSource source, MatroskaTrack track, List<MatroskaFrame> frames)
    {
        if (track.CodecName != MatroskaSampleEntry.Vp9 || track.Problem != MatroskaSampleEntry.NotLookedAt)
        {
            return track;
        }

        var header = new byte[Math.Min(HeaderBytes, frames[0].SizeBytes)];
        return source.TryFill(frames[0].Offset, header) && Vp9KeyFrame.TryParse([.. track.Stripped.Span, .. header]) is { } picture
            ? track with { Description = MatroskaSampleEntry.DescribeVp9(picture, out var problem), Problem = problem }
            : track with { Problem = "its first VP9 picture is no keyframe" };
    }

    private void Learn(MatroskaStretch stretch, MatroskaTrack track, List<MatroskaFrame> frames)
    {
        if (!_facts.TryGetValue(track.Number, out var facts))
        {
            _facts[track.Number] = facts = new Facts { Origin = Math.Max(0, frames[0].Timestamp) };
        }

        var cut = stretch.Cut;
        facts.Bytes += frames.Sum(f => (long)f.SizeBytes);
        facts.Frames += frames.Count;
        facts.Ticks += Math.Max(1, cut.EndTicks - Math.Max(cut.StartTicks, frames[0].Timestamp));
        if (track.Kind == TrackKind.Video)
        {
            facts.Lead = Math.Max(facts.Lead, MatroskaTimes.LeadOf(frames, cut.StartTicks, cut.EndTicks));
        }

        if (stretch.Number == 1)
        {
            facts.Start = frames.Min(f => f.Timestamp);
        }

        if (facts.Start is { } start && track.Description is not null)
        {
            OriginSeconds = (int)Math.Max(OriginSeconds, (facts.Lead - start + movie.Timescale - 1) / movie.Timescale);
        }
    }

    private sealed class Facts
    {
        public long Origin { get; init; }

        public long Lead { get; set; }

        public long? Start { get; set; }

        public long Bytes { get; set; }

        public int Frames { get; set; }

        public (int Number, long LastTicks)? End { get; set; }

        public long Ticks { get; set; }
    }
}
