using Sluice.Media.IsoBmff;

namespace Sluice.Media.Codecs;

/// <summary>Which codec a sample entry's type means (mp4ra.org, QuickTime File Format).</summary>
internal static class SampleFormat
{
    /// <summary>Codec of an unencrypted entry; <c>mp4a</c> and <c>mp4v</c> are settled by their <c>esds</c> later.</summary>
    public static CodecId CodecOf(FourCc format) => format.ToString() switch
    {
        "avc1" or "avc2" or "avc3" or "avc4" or "dva1" or "dvav" => CodecId.H264,
        "hvc1" or "hev1" or "hvc2" or "hev2" or "dvh1" or "dvhe" => CodecId.Hevc,
        "av01" or "dav1" => CodecId.Av1,
        "vp08" => CodecId.Vp8,
        "vp09" => CodecId.Vp9,
        "mp4v" or "DIVX" or "XVID" => CodecId.Mpeg4Visual,
        "s263" or "h263" or "H263" => CodecId.H263,
        "apch" or "apcn" or "apcs" or "apco" or "ap4h" or "ap4x" or "aprn" or "aprh" => CodecId.ProRes,
        "jpeg" or "mjpa" or "mjpb" or "mjpg" or "mjp2" => CodecId.MotionJpeg,
        "mp2v" or "m2v1" or "xdvb" or "xdvc" or "hdv2" or "hdv3" or "mx5p" => CodecId.Mpeg2Video,
        "mp4a" => CodecId.Aac,
        ".mp3" or "mp3 " or "ms\\x00U" => CodecId.Mp3,
        ".mp2" or "ms\\x00P" => CodecId.Mp2,
        "Opus" => CodecId.Opus,
        "fLaC" => CodecId.Flac,
        "ac-3" or "AC-3" => CodecId.Ac3,
        "ec-3" or "EC-3" => CodecId.Eac3,
        "ac-4" => CodecId.Ac4,
        "alac" => CodecId.Alac,
        "dtsc" or "dtsh" or "dtsl" or "dtse" or "dtsx" or "dtsy" => CodecId.Dts,
        "samr" => CodecId.AmrNb,
        "sawb" => CodecId.AmrWb,
        "mha1" or "mha2" or "mhm1" or "mhm2" => CodecId.Mpegh,
        "iamf" => CodecId.Iamf,
        "ulaw" or "alaw" => CodecId.G711,
        "sowt" or "twos" or "lpcm" or "ipcm" or "fpcm" or "in24" or "in32" or "fl32" or "fl64" or "raw " or "NONE"
            => CodecId.Pcm,
        _ => CodecId.Unknown,
    };

    /// <summary>Codec that an objectTypeIndication means (ISO/IEC 14496-1 table 5, mp4ra.org object types).</summary>
    public static CodecId CodecOf(int objectType) => objectType switch
    {
        0x20 => CodecId.Mpeg4Visual,
        0x21 => CodecId.H264,
        0x23 => CodecId.Hevc,
        0x40 or 0x66 or 0x67 or 0x68 => CodecId.Aac,
        >= 0x60 and <= 0x65 => CodecId.Mpeg2Video,
        0x6A => CodecId.Mpeg2Video,
        0x69 or 0x6B => CodecId.Mp3,
        0x6C => CodecId.MotionJpeg,
        0xA5 => CodecId.Ac3,
        0xA6 => CodecId.Eac3,
        >= 0xA9 and <= 0xAC => CodecId.Dts,
        0xAD => CodecId.Opus,
        0xDD => CodecId.Vorbis,
        _ => CodecId.Unknown,
    };

    /// <summary>Whether a track of <paramref name="kind"/> can carry the codec; an unknown one anywhere.</summary>
    public static bool Fits(CodecId codec, TrackKind kind) => codec switch
    {
        CodecId.Unknown => true,
        >= CodecId.H264 and <= CodecId.MotionJpeg => kind == TrackKind.Video,
        _ => kind == TrackKind.Audio,
    };
}
