using Sluice.Media.Codecs;

namespace Sluice.Server.Probe;

/// <summary>What browsers play as it lies. The one place where that is written down.</summary>
internal static class CodecRules
{
    /// <summary>Why a codec must be encoded before browsers play it; null when it is copied.</summary>
    public static string? WhyEncode(SampleDescription d) => WhyEncode(CodecShape.Of(d));

    /// <summary>As the other one, however the codec was found out.</summary>
    public static string? WhyEncode(CodecShape d) => d.IsVideo ? WhyEncodeVideo(d) : WhyEncodeAudio(d);

    private static string? WhyEncodeVideo(CodecShape d) => d.Codec switch
    {
        _ when d.IsInterlaced => "it is interlaced, which browsers show with combs",
        CodecId.H264 when d.BitDepth > 8 => $"browsers do not play {d.BitDepth}-bit H.264",
        CodecId.H264 when d.Profile is not ("Baseline" or "Constrained Baseline" or "Main" or "High" or "Progressive High" or "Constrained High") =>
            $"browsers do not play H.264 {d.Profile} profile",
        CodecId.Hevc when d.BitDepth > 10 => $"players do not take {d.BitDepth}-bit HEVC",
        CodecId.Av1 when d.BitDepth > 10 => $"browsers do not play {d.BitDepth}-bit AV1",
        CodecId.H264 or CodecId.Hevc or CodecId.Av1 or CodecId.Vp9 when d.ChromaFormat != 1 =>
            $"its chroma is {ChromaName(d.ChromaFormat)}, and players take only 4:2:0",
        CodecId.H264 or CodecId.Hevc or CodecId.Av1 or CodecId.Vp9 => null,
        _ => $"browsers do not play {Name(d)}",
    };

    private static string? WhyEncodeAudio(CodecShape d) => d.Codec switch
    {
        CodecId.Aac when !d.IsPlainAac =>
            $"browsers do not all play AAC {d.Profile}".TrimEnd(),
        CodecId.Aac or CodecId.Opus or CodecId.Flac => null,
        CodecId.Mp3 => "Chromium does not play MP3 in MP4 segments",
        _ => $"browsers do not play {Name(d)}",
    };

    private static string ChromaName(int chroma) => chroma switch
    {
        0 => "absent (monochrome)",
        2 => "4:2:2",
        3 => "4:4:4",
        _ => "4:2:0",
    };

    private static string Name(CodecShape d) => d.Codec switch
    {
        CodecId.Unknown => d.Format,
        CodecId.Ac3 => "AC-3",
        CodecId.Eac3 => "E-AC-3",
        CodecId.Ac4 => "AC-4",
        CodecId.Alac => "Apple Lossless",
        CodecId.Dts => "DTS",
        CodecId.AmrNb or CodecId.AmrWb => "AMR",
        CodecId.Mpegh => "MPEG-H audio",
        CodecId.Iamf => "IAMF audio",
        CodecId.Mpeg4Visual => "MPEG-4 part 2 video",
        CodecId.Mpeg2Video => "MPEG-2 video",
        CodecId.H263 => "H.263",
        CodecId.MotionJpeg => "Motion JPEG",
        CodecId.Pcm => "uncompressed audio in MP4",
        CodecId.Mp2 => "MPEG audio layer II",
        _ => d.Codec.ToString(),
    };
}
