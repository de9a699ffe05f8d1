using System.Security;
using Sluice.Media.Manifests;

namespace Sluice.Media.Dash;

/// <summary>Writes the AdaptationSets of subtitles: each one file that needs no segments (ISO/IEC 23009-1 section 5.3.9.1; DASH-IF
/// IOP part 6, "side-loaded" text).</summary>
internal static class TextSetWriter
{
    /// <summary>A Representation must say how many bits a second it needs. A page of text is about this.</summary>
    private const int BitsPerSecond = 256;

    /// <param name="mpd">The manifest, inside its Period.</param>
    /// <param name="choices">The subtitles.</param>
    /// <param name="firstId">Id of the first AdaptationSet.</param>
    public static void Write(ManifestBuilder mpd, IReadOnlyList<SubtitleChoice> choices, int firstId)
    {
        for (var i = 0; i < choices.Count; i++)
        {
            var choice = choices[i];
            mpd.Append($"    <AdaptationSet id=\"{firstId + i}\" contentType=\"text\" mimeType=\"text/vtt\"");
            mpd.Append(choice.Language is { } language ? $" lang=\"{language}\">\n" : ">\n");
            mpd.Append($"      <Label>{SecurityElement.Escape(choice.Name)}</Label>\n");
            WriteRole(mpd, choice.Track.IsForced ? "forced-subtitle" : "subtitle");
            if (choice.IsDefault)
            {
                WriteRole(mpd, "main");
            }

            mpd.Append($"      <Representation id=\"{SecurityElement.Escape(choice.Track.Id)}\" bandwidth=\"{BitsPerSecond}\">\n");
            mpd.Append("        <BaseURL>"u8);
            mpd.AppendUri(choice.Track.Uri);
            mpd.Append("</BaseURL>\n      </Representation>\n    </AdaptationSet>\n"u8);
        }
    }

    private static void WriteRole(ManifestBuilder mpd, string value) =>
        mpd.Append($"      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"{value}\"/>\n");
}
