namespace Sluice.Media.Codecs;

/// <summary>A family of bitstreams, whatever the sample entry is called.</summary>
public enum CodecId
{
    /// <summary>A sample entry that this library has no name for.</summary>
    Unknown,

    /// <summary>ITU-T H.264, ISO/IEC 14496-10.</summary>
    H264,

    /// <summary>ITU-T H.265, ISO/IEC 23008-2.</summary>
    Hevc,

    /// <summary>AOMedia AV1.</summary>
    Av1,

    /// <summary>VP8 (RFC 6386).</summary>
    Vp8,

    /// <summary>VP9.</summary>
    Vp9,

    /// <summary>MPEG-4 part 2 (Simple, Advanced Simple: DivX, Xvid).</summary>
    Mpeg4Visual,

    /// <summary>MPEG-1 or MPEG-2 video inside MP4.</summary>
    Mpeg2Video,

    /// <summary>ITU-T H.263.</summary>
    H263,

    /// <summary>Apple ProRes.</summary>
    ProRes,

    /// <summary>Motion JPEG.</summary>
    MotionJpeg,

    /// <summary>MPEG-2 or MPEG-4 AAC in any of its object types.</summary>
    Aac,

    /// <summary>MPEG-1/2 audio layer III.</summary>
    Mp3,

    /// <summary>MPEG-1/2 audio layer I or II.</summary>
    Mp2,

    /// <summary>Opus (RFC 6716).</summary>
    Opus,

    /// <summary>FLAC (RFC 9639).</summary>
    Flac,

    /// <summary>Dolby Digital (ETSI TS 102 366).</summary>
    Ac3,

    /// <summary>Dolby Digital Plus (ETSI TS 102 366 annex E).</summary>
    Eac3,

    /// <summary>Dolby AC-4 (ETSI TS 103 190).</summary>
    Ac4,

    /// <summary>Apple Lossless.</summary>
    Alac,

    /// <summary>DTS and its extensions (ETSI TS 102 114).</summary>
    Dts,

    /// <summary>AMR narrow band.</summary>
    AmrNb,

    /// <summary>AMR wide band.</summary>
    AmrWb,

    /// <summary>MPEG-H 3D Audio (ISO/IEC 23008-3).</summary>
    Mpegh,

    /// <summary>Immersive Audio Model and Formats.</summary>
    Iamf,

    /// <summary>Vorbis inside MP4.</summary>
    Vorbis,

    /// <summary>Uncompressed audio of any layout.</summary>
    Pcm,

    /// <summary>ITU-T G.711 A-law or mu-law.</summary>
    G711,
}
