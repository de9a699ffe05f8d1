using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.MpegTs;

namespace Sluice.Media.Remux;

/// <summary>One track of a live fragmented MP4 on its way into MPEG-TS: its times, and what is made of its samples.</summary>
internal sealed class FragmentTrack
{
    private const int Clock = 90_000;

    private readonly MovieTrack _track;
    private readonly TrackTimeline _timeline;
    private int _description;
    private SampleToUnit _converter;
    private long? _leadTicks;

    private FragmentTrack(MovieTrack track, TrackTimeline timeline, SampleToUnit converter) =>
        (_track, _timeline, _converter, _description) = (track, timeline, converter, 1);

    public uint Id => _track.Id;

    public bool IsVideo => _track.Kind == TrackKind.Video;

    /// <summary>How the stream is named.</summary>
    public EsFormat Format => _converter.Format;

    /// <summary>Prepares a track.</summary>
    /// <param name="track">The track.</param>
    /// <param name="movieTimescale">In which its edit list measures.</param>
    /// <param name="reason">Why it cannot go into MPEG-TS, in words for a person; null when it can.</param>
    public static FragmentTrack? TryCreate(MovieTrack track, uint movieTimescale, out string? reason)
    {
        var converter = SampleToUnit.TryCreate(track.SampleEntries[0], track.Kind, out reason);
        var timeline = TrackTimeline.Plain;
        if (reason is null)
        {
            timeline = TrackTimeline.From(track.Edits, movieTimescale, track.Timescale, out reason);
        }

        reason = reason is null ? null : $"its {Word(track)}: {reason}";
        return reason is null ? new FragmentTrack(track, timeline, converter!) : null;
    }

    /// <summary>Makes sure that samples are understood by the sample description that they name.</summary>
    public bool TryUse(int description, out string? reason)
    {
        reason = null;
        if (description == _description)
        {
            return true;
        }

        var entry = description >= 1 && description <= _track.SampleEntries.Count ? _track.SampleEntries[description - 1] : [];
        if (SampleToUnit.TryCreate(entry, _track.Kind, out reason) is not { } converter)
        {
            reason = $"its {Word(_track)}: {reason}";
            return false;
        }

        (_converter, _description) = (converter, description);
        return true;
    }

    /// <summary>The times of a sample.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="leastOffset">Least composition offset of its fragment.</param>
    /// <param name="segment">The segment it is of.</param>
    /// <param name="isBreak">It is the first after a break.</param>
    public EsUnit UnitOf(in StreamSample sample, int leastOffset, long segment, bool isBreak)
    {
        // Nothing may be shown before it is decoded; with offsets below zero (trun version 1) all is decoded so much earlier. The
        // first fragment says how much; should a later one need more, some pictures are decoded in the moment they are shown.
        _leadTicks = _leadTicks is { } known && !isBreak ? known : -(long)leastOffset;
        var decode = _timeline.ToPresentation(sample.DecodeTicks);
        var pts = Ticks.Rescale(decode + sample.CompositionOffset, _track.Timescale, Clock);
        var dts = Math.Min(pts, Ticks.Rescale(decode - _leadTicks.Value, _track.Timescale, Clock));
        var end = Ticks.Rescale(decode - _leadTicks.Value + sample.DurationTicks, _track.Timescale, Clock);
        return new EsUnit(
            pts & TsPacket.ClockMask, dts & TsPacket.ClockMask, (int)Math.Clamp(end - dts, 0, int.MaxValue),
            _converter.IsSync(sample.Payload, sample.IsSync), segment, isBreak);
    }

    /// <summary>A sample as it goes into PES packets; empty for one that no stream can carry.</summary>
    public ReadOnlySpan<byte> Convert(in StreamSample sample, bool isSync) => _converter.Convert(sample.Payload, isSync);

    private static string Word(MovieTrack track) => track.Kind == TrackKind.Video ? "video" : "audio";
}
