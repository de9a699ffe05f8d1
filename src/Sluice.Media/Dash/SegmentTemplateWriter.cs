using Sluice.Media.Cmaf;
using Sluice.Media.Manifests;

namespace Sluice.Media.Dash;

/// <summary>Writes a SegmentTemplate with its SegmentTimeline (ISO/IEC 23009-1 sections 5.3.9.4 and 5.3.9.6).</summary>
internal static class SegmentTemplateWriter
{
    /// <summary>The folder above that of the track, when its URIs are such that others differ from them in the track's id alone; else null.</summary>
    public static string? SharedFolder(DashTrack track)
    {
        var own = track.Summary.Id + "/";
        return track.Uris is { Init: { } init, Prefix: { } prefix }
            && prefix.EndsWith(own, StringComparison.Ordinal) && init.StartsWith(prefix, StringComparison.Ordinal)
                ? prefix[..^own.Length]
                : null;
    }

    /// <summary>Writes the template.</summary>
    /// <param name="mpd">Where to.</param>
    /// <param name="track">Whose segments; of several, any.</param>
    /// <param name="sharedFolder">What <see cref="SharedFolder"/> answers for all of them when they share the template; null
    /// when it is the track's alone.</param>
    public static void Write(ManifestBuilder mpd, DashTrack track, string? sharedFolder = null)
    {
        var uris = track.Uris;
        var init = uris.Init ?? throw new ArgumentException("A CMAF track has an init segment.", nameof(track));

        mpd.Append($"      <SegmentTemplate timescale=\"{track.Summary.Timescale}\"");
        mpd.Append($" presentationTimeOffset=\"{track.PresentationTimeOffsetTicks}\"");
        mpd.Append($" startNumber=\"{uris.FirstNumber}\" initialization=\"");
        if (sharedFolder is null)
        {
            mpd.AppendUri(init);
        }
        else
        {
            AppendFolder(mpd, uris.Prefix, sharedFolder);
            mpd.AppendUri(init[uris.Prefix.Length..]);
        }

        mpd.Append("\" media=\""u8);
        AppendFolder(mpd, uris.Prefix, sharedFolder);
        mpd.Append("$Number$"u8);
        mpd.AppendUri(uris.Suffix);
        mpd.Append("\">\n        <SegmentTimeline>\n"u8);
        WriteTimeline(mpd, track.Segments.Span);
        mpd.Append("        </SegmentTimeline>\n      </SegmentTemplate>\n"u8);
    }

    private static void AppendFolder(ManifestBuilder mpd, string own, string? shared)
    {
        mpd.Append(ManifestUri.Encode(shared ?? own, QueryEscaping.MpdTemplate));
        mpd.Append(shared is null ? ""u8 : "$RepresentationID$/"u8);
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
