using System.Security;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;

namespace Sluice.Media.Dash;

/// <summary>Writes one AdaptationSet with its Representations (ISO/IEC 23009-1 sections 5.3.3 and 5.3.5).</summary>
internal static class AdaptationSetWriter
{
    /// <summary>Whether a player may switch from one to the other in the middle: the same codec, the same cuts.</summary>
    public static bool AreSwitchable(DashTrack a, DashTrack b) =>
        a.Summary.Kind == TrackKind.Video && b.Summary.Kind == TrackKind.Video
        && a.Summary.Codecs.Split('.')[0] == b.Summary.Codecs.Split('.')[0]
        && a.Summary.VideoRange == b.Summary.VideoRange
        && a.Summary.Timescale == b.Summary.Timescale
        && a.Summary.IndependentSegments && b.Summary.IndependentSegments
        && a.PresentationTimeOffsetTicks == b.PresentationTimeOffsetTicks
        && SegmentTemplateWriter.SharedFolder(a) is { } folder && folder == SegmentTemplateWriter.SharedFolder(b)
        && a.Segments.Span.SequenceEqual(b.Segments.Span);

    /// <summary>Writes the set.</summary>
    /// <param name="mpd">Where to.</param>
    /// <param name="tracks">Its tracks, all switchable; at least one.</param>
    /// <param name="audio">What the player's menu says of it; null for video.</param>
    /// <param name="id">Number of the set.</param>
    public static void Write(ManifestBuilder mpd, IReadOnlyList<DashTrack> tracks, AudioRendition? audio, int id)
    {
        var track = tracks[0];
        var summary = track.Summary;
        var type = summary.Kind == TrackKind.Video ? "video" : "audio";
        mpd.Append($"    <AdaptationSet id=\"{id}\" contentType=\"{type}\" mimeType=\"{type}/mp4\"");
        mpd.Append(summary.IndependentSegments ? " segmentAlignment=\"true\" startWithSAP=\"1\"" : " segmentAlignment=\"true\"");
        mpd.Append(audio?.Language is { } language ? $" lang=\"{language}\">\n" : ">\n");
        WriteTransfer(mpd, summary.VideoRange);
        if (audio is not null)
        {
            mpd.Append($"      <Label>{SecurityElement.Escape(audio.Name)}</Label>\n");
        }

        var role = audio is null or { IsDefault: true } ? "main" : "alternate";
        mpd.Append($"      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"{role}\"/>\n");
        SegmentTemplateWriter.Write(mpd, track, tracks.Count > 1 ? SegmentTemplateWriter.SharedFolder(track) : null);
        foreach (var representation in tracks)
        {
            WriteRepresentation(mpd, representation.Summary);
        }

        mpd.Append("    </AdaptationSet>\n"u8);
    }

    /// <summary>ISO/IEC 23091-2 transfer characteristics. Supplemental, since a player that ignores it still shows a
    /// picture, while an essential property that it does not know would cost the viewer the only video.</summary>
    private static void WriteTransfer(ManifestBuilder mpd, string? videoRange)
    {
        var transfer = videoRange switch { "PQ" => 16, "HLG" => 18, _ => 0 };
        if (transfer != 0)
        {
            mpd.Append("      <SupplementalProperty schemeIdUri=\"urn:mpeg:mpegB:cicp:TransferCharacteristics\"");
            mpd.Append($" value=\"{transfer}\"/>\n");
        }
    }

    private static void WriteRepresentation(ManifestBuilder mpd, TrackSummary summary)
    {
        mpd.Append($"      <Representation id=\"{SecurityElement.Escape(summary.Id)}\"");
        mpd.Append($" bandwidth=\"{Math.Clamp(summary.PeakBitsPerSecond, 1, uint.MaxValue)}\"");
        if (SafeText.Codecs(summary.Codecs) is { Length: > 0 } codecs)
        {
            mpd.Append($" codecs=\"{codecs}\"");
        }

        WritePicture(mpd, summary);
        if (summary is { Kind: TrackKind.Audio, SampleRate: > 0 })
        {
            mpd.Append($" audioSamplingRate=\"{summary.SampleRate}\"");
        }

        if (summary is not { Kind: TrackKind.Audio, ChannelCount: > 0 })
        {
            mpd.Append("/>\n"u8);
            return;
        }

        mpd.Append(">\n        <AudioChannelConfiguration"u8);
        mpd.Append(" schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\""u8);
        mpd.Append($" value=\"{summary.ChannelCount}\"/>\n      </Representation>\n");
    }

    private static void WritePicture(ManifestBuilder mpd, TrackSummary summary)
    {
        if (summary is { CodedWidth: > 0, CodedHeight: > 0 })
        {
            mpd.Append($" width=\"{summary.CodedWidth}\" height=\"{summary.CodedHeight}\"");
            if (summary.SampleAspectRatio is { Numerator: > 0, Denominator: > 0 } ratio)
            {
                var sar = ratio.Reduced();
                mpd.Append($" sar=\"{sar.Numerator}:{sar.Denominator}\"");
            }
        }

        if (summary.FrameRate is { Numerator: > 0, Denominator: > 0 } frameRate)
        {
            var rate = frameRate.Reduced();
            mpd.Append($" frameRate=\"{rate.Numerator}{(rate.Denominator == 1 ? "" : $"/{rate.Denominator}")}\"");
        }
    }
}
