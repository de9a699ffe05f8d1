using System.Text;

namespace Sluice.Media.Text;

/// <summary>Writes WebVTT (W3C WebVTT section 4).</summary>
public static class WebVttWriter
{
    /// <summary>What every file starts with; what is to be added to the header comes behind it.</summary>
    public static ReadOnlySpan<byte> Signature => "WEBVTT\n"u8;

    /// <summary>A whole file, UTF-8, without a byte order mark.</summary>
    public static byte[] Write(IEnumerable<Cue> cues)
    {
        var text = new StringBuilder("WEBVTT\n");
        foreach (var cue in cues)
        {
            text.Append('\n').Append(CueTime.Write(cue.StartMilliseconds)).Append(" --> ").Append(CueTime.Write(cue.EndMilliseconds));
            text.Append(cue.Settings.Length > 0 ? " " : "").Append(cue.Settings).Append('\n').Append(cue.Text).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The header line that ties cue time 0 to a time of the segments beside it (RFC 8216 section 3.5).</summary>
    /// <param name="ticks">The time on the segments' timeline.</param>
    /// <param name="timescale">Ticks in a second; more than 0.</param>
    public static byte[] TimestampMap(long ticks, uint timescale)
    {
        const long Wrap = 1L << 33; // The clock of MPEG-2 has 33 bits.
        var clock = IsoBmff.Ticks.Rescale(ticks, timescale, 90_000) % Wrap;
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{clock}\n"));
    }
}
