using System.Globalization;
using System.Text;

namespace Sluice.Media.Hls;

/// <summary>A segment of a live playlist.</summary>
/// <param name="Uri">Absolute or relative, percent-encoded, with its query.</param>
/// <param name="Duration">How long it is shown.</param>
/// <param name="IsDiscontinuity">It does not go on where the one before ended.</param>
/// <param name="ProgramTime">When it was on the air; null when that is not known.</param>
/// <param name="MapUri">Its init segment; null for none.</param>
public readonly record struct HlsLiveSegment(string Uri, TimeSpan Duration, bool IsDiscontinuity, DateTimeOffset? ProgramTime, string? MapUri);

/// <summary>A media playlist that moves on (RFC 8216 sections 4.3.3 and 6.2.2).</summary>
/// <param name="TargetDuration">Whole seconds; no segment, rounded, exceeds it.</param>
/// <param name="MediaSequence">Number of the first segment.</param>
/// <param name="DiscontinuitySequence">Discontinuities before the first segment, its own not counted.</param>
/// <param name="Segments">In order.</param>
/// <param name="IsEnded">No more will follow.</param>
/// <param name="CanBlockReload">Whoever asks for the segment after the last is answered when it is there.</param>
public sealed record HlsLivePlaylist(
    int TargetDuration, long MediaSequence, long DiscontinuitySequence, IReadOnlyList<HlsLiveSegment> Segments, bool IsEnded, bool CanBlockReload);

/// <summary>A rendition in a live multivariant playlist.</summary>
/// <param name="Uri">Of its media playlist, percent-encoded, with its query.</param>
/// <param name="PeakBitsPerSecond">Of its largest segment.</param>
/// <param name="MeanBitsPerSecond">Of all that are listed.</param>
/// <param name="Codecs">RFC 6381, comma-separated; null when they are not known.</param>
/// <param name="Resolution">Pixels; null without a picture, and when it is not known.</param>
/// <param name="Language">BCP 47 tag of sound; null when it is not known.</param>
/// <param name="Label">Name of sound for people; null when there is none.</param>
public sealed record HlsLiveRendition(
    string Uri, long PeakBitsPerSecond, long MeanBitsPerSecond, string? Codecs, (int Width, int Height)? Resolution, string? Language, string? Label);

/// <summary>Writes playlists of channels. They are short and change with every segment, so they are written anew each time.</summary>
public static class HlsLiveWriter
{
    private const int BytesPerSegmentGuess = 120;

    /// <summary>The media playlist.</summary>
    public static byte[] Write(HlsLivePlaylist playlist)
    {
        // EXT-X-MAP outside I-frame playlists needs version 6 (section 7); EXT-X-SERVER-CONTROL is ignored by those who do not know it.
        var hasMaps = playlist.Segments.Any(static s => s.MapUri is not null);
        var text = new StringBuilder(256 + (playlist.Segments.Count * BytesPerSegmentGuess));
        text.Append(CultureInfo.InvariantCulture, $"#EXTM3U\n#EXT-X-VERSION:{(hasMaps ? 6 : 3)}\n#EXT-X-TARGETDURATION:{playlist.TargetDuration}\n");
        text.Append(playlist.CanBlockReload ? "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n" : "");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-MEDIA-SEQUENCE:{playlist.MediaSequence}\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-DISCONTINUITY-SEQUENCE:{playlist.DiscontinuitySequence}\n");
        string? map = null;
        foreach (var segment in playlist.Segments)
        {
            text.Append(segment.IsDiscontinuity ? "#EXT-X-DISCONTINUITY\n" : "");
            if (segment.MapUri is { } own && own != map)
            {
                text.Append(CultureInfo.InvariantCulture, $"#EXT-X-MAP:URI=\"{own}\"\n");
                map = own;
            }

            if (segment.ProgramTime is { } time)
            {
                text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PROGRAM-DATE-TIME:{time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fff}Z\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"#EXTINF:{segment.Duration.TotalSeconds:0.000###},\n{segment.Uri}\n");
        }

        text.Append(playlist.IsEnded ? "#EXT-X-ENDLIST\n" : "");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The multivariant playlist of a channel whose sound comes in renditions of its own (section 4.3.4).</summary>
    /// <param name="main">What is seen.</param>
    /// <param name="sounds">What is heard with it; the first is the default.</param>
    public static byte[] WriteMultivariant(HlsLiveRendition main, IReadOnlyList<HlsLiveRendition> sounds)
    {
        var text = new StringBuilder("#EXTM3U\n#EXT-X-VERSION:6\n");
        foreach (var (n, sound) in sounds.Index())
        {
            var name = Quotable(sound.Label ?? sound.Language ?? (n == 0 ? "audio" : $"audio {n + 1}"));
            var language = sound.Language is { } tag ? $",LANGUAGE=\"{Quotable(tag)}\"" : "";
            text.Append(CultureInfo.InvariantCulture, $"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"{name}\"{language},");
            text.Append(CultureInfo.InvariantCulture, $"DEFAULT={(n == 0 ? "YES" : "NO")},AUTOSELECT=YES,URI=\"{sound.Uri}\"\n");
        }

        var peak = main.PeakBitsPerSecond + sounds.Select(static s => s.PeakBitsPerSecond).DefaultIfEmpty(0).Max();
        var mean = main.MeanBitsPerSecond + sounds.Select(static s => s.MeanBitsPerSecond).DefaultIfEmpty(0).Max();
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={mean}");

        // The attribute has to name all codecs or be absent.
        if (main.Codecs is not null && sounds.All(static s => s.Codecs is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $",CODECS=\"{string.Join(',', sounds.Select(static s => s.Codecs).Prepend(main.Codecs).Distinct())}\"");
        }

        if (main.Resolution is var (width, height))
        {
            text.Append(CultureInfo.InvariantCulture, $",RESOLUTION={width}x{height}");
        }

        text.Append(sounds.Count > 0 ? ",AUDIO=\"audio\"\n" : "\n").Append(main.Uri).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>A quoted string holds neither quotes nor line ends (section 4.2); names of an upstream may.</summary>
    private static string Quotable(string text) => string.Concat(text.Where(static c => c != '"' && !char.IsControl(c)));
}
