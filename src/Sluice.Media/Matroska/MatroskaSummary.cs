using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Matroska;

/// <summary>What manifests say of a track whose frames nobody has counted.</summary>
internal static class MatroskaSummary
{
    /// <remarks>
    /// The Cues say how many bytes lie between two cuts, of all tracks together. The peak of the track that leads is that of all of them: never less
    /// than the truth, and more by its sounds. Those are taken to go on as they begin.
    /// </remarks>
    public static TrackSummary Of(MatroskaSegments segments, MatroskaTracks learned, MatroskaTrack track, string id, bool isDefault)
    {
        var description = track.Description ?? throw new ArgumentException(track.Problem, nameof(track));
        var rows = Enumerable.Range(1, segments.CountOf(track)).Select(n => RowOf(segments, n, track)).ToList();
        var (first, last, longest) = (rows[0].Timing, rows[^1].Timing, rows.Max(r => r.Timing.DurationTicks));
        var timescale = segments.TimescaleOf(track);
        var sounds = segments.Tracks.Where(t => t is { Kind: TrackKind.Audio }).Sum(learned.BitsPerSecond);
        var isVideo = track.Kind == TrackKind.Video;
        var leads = isVideo || !segments.Tracks.Any(t => t.Kind == TrackKind.Video);
        var all = BitRates.Average(rows, timescale);
        var own = Math.Max(1, isVideo ? all - sounds : learned.BitsPerSecond(track));
        var summary = new TrackSummary
        {
            Id = id,
            Kind = track.Kind,
            Codecs = description.Codecs,
            Timescale = timescale,
            SegmentCount = rows.Count,
            StartTicks = first.StartTicks,
            EndTicks = last.StartTicks + last.DurationTicks,
            LongestSegmentTicks = longest,
            PeakBitsPerSecond = leads ? BitRates.Peak(rows, timescale, BitRates.TargetTicks(longest, timescale)) : own,
            AverageBitsPerSecond = own,
            Language = track.Language,
            Name = track.Name,
            IsDefault = isDefault,
            ChannelCount = isVideo ? 0 : description.ChannelCount,
            SampleRate = isVideo ? 0 : description.SampleRate,
        };
        return isVideo ? Shaped(summary, description, RateOf(segments, learned, track)) : summary;
    }

    private static SegmentEntry RowOf(MatroskaSegments segments, int number, MatroskaTrack track)
    {
        var cut = segments.Cuts[number - 1];
        return new SegmentEntry(segments.TimingOf(number, track), Math.Max(1, cut.NextOffset - cut.Offset), 0, 0, 0);
    }

    private static TrackSummary Shaped(TrackSummary summary, SampleDescription description, Rational? rate) => summary with
    {
        CodedWidth = description.CodedWidth,
        CodedHeight = description.CodedHeight,
        DisplayWidth = (int)Math.Round(description.CodedWidth * description.SampleAspectRatio.Value),
        DisplayHeight = description.CodedHeight,
        SampleAspectRatio = description.SampleAspectRatio,
        FrameRate = rate,
        VideoRange = description.VideoRange,
    };

    /// <summary>As the file says, in whole nanoseconds of a frame; else as it begins.</summary>
    private static Rational? RateOf(MatroskaSegments segments, MatroskaTracks learned, MatroskaTrack track)
    {
        const long second = 1_000_000_000;
        var (frames, ticks) = learned.RateOf(track);
        return track.FrameNanoseconds is > 0 and <= (ulong)second ? new Rational(second, (long)track.FrameNanoseconds).Reduced()
            : ticks > 0 ? new Rational(frames * (long)segments.Movie.Timescale, ticks).Reduced()
            : null;
    }
}
