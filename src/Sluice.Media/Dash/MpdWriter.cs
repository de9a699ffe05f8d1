using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;

namespace Sluice.Media.Dash;

/// <summary>
/// Writes a static MPD (ISO/IEC 23009-1) of one Period in which every track is a Representation with a SegmentTimeline:
/// renditions of the picture that share codec and cuts are one AdaptationSet, every other track is one of its own. Two audio tracks are never put into one AdaptationSet: a player would take them for two
/// qualities of the same sound and switch from the film to its commentary.
/// </summary>
public static class MpdWriter
{
    private const int BytesPerTrackGuess = 2048;
    private const string LiveProfile = "urn:mpeg:dash:profile:isoff-live:2011";
    private const string CmafProfile = "urn:mpeg:dash:profile:cmaf:2019";

    /// <summary>The whole title.</summary>
    /// <param name="tracks">The asset's tracks; neither video nor audio is passed over.</param>
    /// <param name="subtitles">Subtitles, whose times count from the start of the Period.</param>
    /// <exception cref="ArgumentException">There is neither video nor audio, a track has no init segment or no
    /// timescale, a time is negative, or a URI has a query or a character that must be percent-encoded.</exception>
    public static ManifestTemplate Write(IReadOnlyCollection<DashTrack> tracks, IReadOnlyList<SubtitleTrack>? subtitles = null)
    {
        var shown = tracks.Where(static t => t.Summary.Kind is TrackKind.Video or TrackKind.Audio)
            .OrderBy(static t => t.Summary.Kind).ToList();
        if (shown.Count == 0)
        {
            throw new ArgumentException("Nothing to play: neither video nor audio.", nameof(tracks));
        }

        shown.ForEach(Require);
        var renditions = AudioGroup.Of(shown.Select(static t => t.Summary)).SelectMany(static g => g.Renditions).ToList();
        var mpd = new ManifestBuilder(QueryEscaping.MpdTemplate, (shown.Count + 1) * BytesPerTrackGuess);
        WriteHead(mpd, shown);
        var sets = Sets(shown);
        for (var id = 0; id < sets.Count; id++)
        {
            var audio = renditions.Find(r => ReferenceEquals(r.Track, sets[id][0].Summary));
            AdaptationSetWriter.Write(mpd, sets[id], audio, id);
        }

        TextSetWriter.Write(mpd, SubtitleChoice.Of(subtitles ?? []), sets.Count);
        mpd.Append("  </Period>\n</MPD>\n"u8);
        return mpd.Build();
    }

    /// <summary>Sizes of one picture that a player may switch between are Representations of one set.</summary>
    private static List<List<DashTrack>> Sets(List<DashTrack> tracks)
    {
        var sets = new List<List<DashTrack>>();
        foreach (var track in tracks)
        {
            if (sets.Find(set => AdaptationSetWriter.AreSwitchable(set[0], track)) is { } fitting)
            {
                fitting.Add(track);
            }
            else
            {
                sets.Add([track]);
            }
        }

        return sets;
    }

    private static void WriteHead(ManifestBuilder mpd, List<DashTrack> tracks)
    {
        // The CMAF profile wants every segment to start with a stream access point (section 8.12).
        var independent = tracks.TrueForAll(static t => t.Summary.IndependentSegments);
        var duration = Duration(tracks, static t => EndTicks(t) - t.PresentationTimeOffsetTicks);
        var longest = Duration(tracks, static t => t.Summary.LongestSegmentTicks);

        mpd.Append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8);
        mpd.Append("<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\""u8);
        mpd.Append($" profiles=\"{LiveProfile}{(independent ? "," + CmafProfile : "")}\" type=\"static\"");
        mpd.Append($" mediaPresentationDuration=\"{duration}\" maxSegmentDuration=\"{longest}\" minBufferTime=\"PT2S\">\n");
        mpd.Append($"  <Period id=\"0\" start=\"PT0S\" duration=\"{duration}\">\n");
    }

    private static void Require(DashTrack track)
    {
        ArgumentOutOfRangeException.ThrowIfZero(track.Summary.Timescale, nameof(track));
        ArgumentOutOfRangeException.ThrowIfNegative(track.PresentationTimeOffsetTicks, nameof(track));
    }

    private static long EndTicks(DashTrack track) => track.Segments.Span is [.., var last]
        ? last.StartTicks + last.DurationTicks
        : track.Summary.EndTicks;

    /// <summary>The longest of the tracks as an <c>xs:duration</c>, rounded up so that no last frame is cut off.</summary>
    private static string Duration(List<DashTrack> tracks, Func<DashTrack, long> ticks)
    {
        var longest = tracks.Max(t => decimal.Ceiling(ticks(t) * 1_000_000m / t.Summary.Timescale));
        var seconds = Math.Max(0, longest / 1_000_000m);
        return $"PT{seconds.ToString("0.######", CultureInfo.InvariantCulture)}S";
    }
}
