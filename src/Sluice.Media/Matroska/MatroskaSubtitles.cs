using System.IO.Compression;
using System.Text;
using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;
using Sluice.Media.Text;

namespace Sluice.Media.Matroska;

/// <summary>Subtitles that are text (RFC 9559 codec specifications, section 5 of "Subtitles"): their blocks as cues of WebVTT.</summary>
public static class MatroskaSubtitles
{
    /// <summary>Longest block; beyond that it is no subtitle.</summary>
    private const int MostBytes = 64 << 10;

    /// <summary>More cues in one segment are no subtitles.</summary>
    private const int MostCues = 1000;

    /// <summary>How long a text is shown whose block does not say.</summary>
    private const int UsualSeconds = 4;

    /// <summary>WebVTT in WebM: an identifier and settings stand in two lines before the text.</summary>
    private const string WebM = "D_WEBVTT/";

    /// <summary>Fields of an event of Advanced SubStation as it lies in a block: ReadOrder, Layer, Style, Name, three margins, Effect, Text.</summary>
    private const int EventFields = 9;

    private static readonly string[] SubStation = ["S_TEXT/ASS", "S_TEXT/SSA", "S_ASS", "S_SSA"];

    /// <summary>What of SubStation's codes WebVTT has too; <see cref="CueText"/> drops the others.</summary>
    private static readonly (string Code, string Means)[] Overrides =
    [
        ("\\h", " "), ("\\N", "\n"), ("\\n", "\n"),
        (@"{\i1}", "<i>"), (@"{\i0}", "</i>"), (@"{\b1}", "<b>"), (@"{\b0}", "</b>"), (@"{\u1}", "<u>"), (@"{\u0}", "</u>"),
    ];

    private static readonly string[] Plain = ["S_TEXT/UTF8", "S_TEXT/ASCII", "S_TEXT/WEBVTT"];

    /// <summary>Whether a track is one whose text can be read.</summary>
    public static bool AreIn(MatroskaTrack track) =>
        track is { Kind: TrackKind.Text, Stripped.IsEmpty: true }
        && (Plain.Contains(track.CodecName) || SubStation.Contains(track.CodecName) || track.CodecName.StartsWith(WebM, StringComparison.Ordinal));

    /// <summary>The cues of one segment, by the file's own time, in order; a text that cannot be read is left out.</summary>
    /// <param name="source">The file.</param>
    /// <param name="stretch">Its frames.</param>
    /// <param name="track">A track of which <see cref="AreIn"/> is true.</param>
    /// <param name="timescale">Ticks in a second of the file.</param>
    public static IReadOnlyList<Cue> Read(IByteSource source, MatroskaStretch stretch, MatroskaTrack track, uint timescale)
    {
        var cues = new List<Cue>();
        foreach (var frame in stretch.Of(track.Number).Take(MostCues))
        {
            var start = Ticks.Rescale(Math.Max(0, frame.Timestamp), timescale, 1000);
            var length = frame.Duration > 0 ? Ticks.Rescale(frame.Duration, timescale, 1000) : UsualSeconds * 1000;
            var text = frame.SizeBytes is > 0 and <= MostBytes && TextOf(source, frame, track) is { } lines ? CueText.Clean(lines) : "";
            if (text.Length > 0)
            {
                cues.Add(new Cue(start, start + Math.Max(1, length), text));
            }
        }

        return [.. cues.OrderBy(c => c.StartMilliseconds)];
    }

    private static string[]? TextOf(IByteSource source, MatroskaFrame frame, MatroskaTrack track)
    {
        var bytes = new byte[frame.SizeBytes];
        if (!source.TryFill(frame.Offset, bytes) || (track.IsDeflated ? Inflate(bytes) : bytes) is not { } whole)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(whole).TrimEnd('\0').ReplaceLineEndings("\n");
        return SubStation.Contains(track.CodecName) ? EventOf(text)
            : track.CodecName.StartsWith(WebM, StringComparison.Ordinal) ? [.. text.Split('\n').Skip(2)]
            : text.Split('\n');
    }

    /// <summary>What is said in an event; null for a drawing.</summary>
    private static string[]? EventOf(string text)
    {
        var fields = text.Split(',', EventFields);
        var said = fields[^1];
        var isDrawing = said.IndexOf("\\p", StringComparison.Ordinal) is >= 0 and var at && at + 2 < said.Length && said[at + 2] is >= '1' and <= '9';
        return fields.Length < EventFields || isDrawing
            ? null
            : Overrides.Aggregate(said, static (left, o) => left.Replace(o.Code, o.Means, StringComparison.Ordinal)).Split('\n');
    }

    /// <summary>What a zlib stream holds; null when it is damaged or holds more than a subtitle has.</summary>
    private static byte[]? Inflate(byte[] packed)
    {
        var text = new byte[MostBytes + 1];
        try
        {
            using var stream = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            var length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return length > MostBytes ? null : text[..length];
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
