using System.Text;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Codecs;

/// <summary>One line for people about a sample description.</summary>
internal static class DescriptionText
{
    public static string Of(SampleDescription description)
    {
        var text = new StringBuilder(Name(description));
        if (description.Profile.Length > 0)
        {
            text.Append(' ').Append(description.Profile);
        }

        if (description.Kind == TrackKind.Video)
        {
            AppendVideo(text, description);
        }
        else
        {
            AppendAudio(text, description);
        }

        return text.Append(description.IsEncrypted ? ", encrypted" : "").ToString();
    }

    private static void AppendVideo(StringBuilder text, SampleDescription video)
    {
        var chroma = video.ChromaFormat switch { 0 => "monochrome", 1 => "4:2:0", 2 => "4:2:2", _ => "4:4:4" };
        if (!video.Profile.Contains(chroma, StringComparison.Ordinal))
        {
            text.Append(' ').Append(chroma);
        }

        text.Append(CultureInfo.InvariantCulture, $" {video.BitDepth}-bit");
        text.Append(CultureInfo.InvariantCulture, $", {video.CodedWidth}x{video.CodedHeight}");
        text.Append(video.IsInterlaced ? ", interlaced" : "");
        text.Append(video.VideoRange is "PQ" or "HLG" ? $", {video.VideoRange}" : "");
    }

    private static void AppendAudio(StringBuilder text, SampleDescription audio)
    {
        if (audio.SampleRate > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" {audio.SampleRate} Hz");
        }

        if (audio.ChannelCount > 0)
        {
            text.Append(' ').Append(audio.ChannelCount switch
            {
                1 => "mono",
                2 => "stereo",
                6 => "5.1",
                8 => "7.1",
                var n => string.Create(CultureInfo.InvariantCulture, $"{n} channels"),
            });
        }
    }

    private static string Name(SampleDescription description) => description.Codec switch
    {
        CodecId.Unknown => description.OriginalFormat.ToString(),
        CodecId.H264 => "h264",
        CodecId.Mpeg4Visual => "mpeg4",
        CodecId.Mpeg2Video => "mpeg2",
        CodecId.MotionJpeg => "mjpeg",
        CodecId.Eac3 => "eac3",
        CodecId.AmrNb => "amr",
        CodecId.AmrWb => "amr-wb",
        CodecId.Mpegh => "mpeg-h",
        CodecId.G711 => "g711",
        var codec => codec.ToString().ToLowerInvariant(),
    };
}
