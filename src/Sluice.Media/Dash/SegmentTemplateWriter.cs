using Sluice.Media.Cmaf;
using Sluice.Media.Manifests;

namespace Sluice.Media.Dash;

/// <summary>Writes a SegmentTemplate with its SegmentTimeline (ISO/IEC 23009-1 sections 5.3.9.4 and 5.3.9.6).</summary>
internal static class SegmentTemplateWriter
{
    public static void Write(ManifestBuilder mpd, DashTrack track)
    {
        var uris = track.Uris;
        var init = uris.Init ?? throw new ArgumentException("A CMAF track has an init segment.", nameof(track));

        mpd.Append($"      <SegmentTemplate timescale=\"{track.Summary.Timescale}\"");
        mpd.Append($" presentationTimeOffset=\"{track.PresentationTimeOffsetTicks}\"");
        mpd.Append($" startNumber=\"{uris.FirstNumber}\" initialization=\"");
        mpd.AppendUri(init);
        mpd.Append("\" media=\""u8);
        mpd.Append(ManifestUri.Encode(uris.Prefix, QueryEscaping.MpdTemplate));
        mpd.Append("$Number$"u8);
        mpd.AppendUri(uris.Suffix);
        mpd.Append("\">\n        <SegmentTimeline>\n"u8);
        WriteTimeline(mpd, track.Segments.Span);
        mpd.Append("        </SegmentTimeline>\n      </SegmentTemplate>\n"u8);
    }

    /// <summary>Runs of equal durations become one S; t is written where it does not follow from what came before.</summary>
    private static void WriteTimeline(ManifestBuilder mpd, ReadOnlySpan<SegmentTiming> segments)
    {
        var expected = -1L;
        for (var i = 0; i < segments.Length;)
        {
            var first = segments[i];
            ArgumentOutOfRangeException.ThrowIfNegative(first.StartTicks, nameof(segments));
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first.DurationTicks, nameof(segments));
            mpd.Append("          <S"u8);
            if (first.StartTicks != expected)
            {
                mpd.Append(" t=\""u8);
                mpd.Append(first.StartTicks);
                mpd.Append("\""u8);
            }

            mpd.Append(" d=\""u8);
            mpd.Append(first.DurationTicks);
            var repeats = -1;
            expected = first.StartTicks;
            for (; i < segments.Length && segments[i] == new SegmentTiming(expected, first.DurationTicks); i++)
            {
                expected += first.DurationTicks;
                repeats++;
            }

            if (repeats > 0)
            {
                mpd.Append("\" r=\""u8);
                mpd.Append(repeats);
            }

            mpd.Append("\"/>\n"u8);
        }
    }
}
