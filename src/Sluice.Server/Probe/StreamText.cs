using System.Globalization;
using System.Text;

namespace Sluice.Server.Probe;

/// <summary>One line for people about a stream, in the words that are used for the tracks of an MP4.</summary>
internal static class StreamText
{
    /// <summary>The line, such as <c>h264 High 4:2:0 8-bit, 1280x720, interlaced</c>.</summary>
    public static string Of(StreamFacts stream)
    {
        var text = new StringBuilder(stream.Codec.Length == 0 ? "unknown codec" : stream.Codec);
        text.Append(stream.Profile.Length > 0 ? " " + stream.Profile : "");
        switch (stream.Kind)
        {
            case StreamKind.Video:
                AddVideo(text, stream);
                break;
            case StreamKind.Audio:
                AddAudio(text, stream);
                break;
        }

        return text.Append(stream.IsEncrypted ? ", encrypted" : "").ToString();
    }

    private static void AddVideo(StringBuilder text, StreamFacts video)
    {
        var chroma = video.ChromaFormat switch { 0 => "monochrome", 1 => "4:2:0", 2 => "4:2:2", _ => "4:4:4" };
        text.Append(video.Profile.Contains(chroma, StringComparison.Ordinal) || video.BitDepth == 0 ? "" : " " + chroma);
        text.Append(CultureInfo.InvariantCulture, $"{(video.BitDepth > 0 ? $" {video.BitDepth}-bit" : "")}, {video.Width}x{video.Height}");
        text.Append(video.IsInterlaced ? ", interlaced" : "");
        text.Append(video.IsHdr ? video.Color.Transfer == "smpte2084" ? ", PQ" : ", HLG" : "");
        text.Append(video.Rotation != 0 ? string.Create(CultureInfo.InvariantCulture, $", turned {video.Rotation} degrees") : "");
        var aspect = video.SampleAspectRatio;
        text.Append(aspect.Value is 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", samples {aspect.Numerator}:{aspect.Denominator}"));
    }

    private static void AddAudio(StringBuilder text, StreamFacts audio)
    {
        text.Append(CultureInfo.InvariantCulture, $"{(audio.SampleRate > 0 ? $" {audio.SampleRate} Hz" : "")}");
        text.Append(audio.Channels switch
        {
            0 => "",
            1 => " mono",
            2 => " stereo",
            6 => " 5.1",
            8 => " 7.1",
            var n => string.Create(CultureInfo.InvariantCulture, $" {n} channels"),
        });
    }
}
