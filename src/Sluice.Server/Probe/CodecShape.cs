using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Server.Probe;

/// <summary>What the rules ask of a codec, whether our own reader found it out or ffprobe.</summary>
/// <param name="IsVideo">Picture, else sound.</param>
/// <param name="Codec">The bitstream.</param>
/// <param name="Format">Its name where <paramref name="Codec"/> is <see cref="CodecId.Unknown"/>.</param>
/// <param name="Profile">In words; empty when there is none.</param>
/// <param name="BitDepth">Bits in a luma sample; 0 when not known.</param>
/// <param name="ChromaFormat">chroma_format_idc.</param>
/// <param name="IsInterlaced">Pictures are, or may be, coded as fields.</param>
/// <param name="IsPlainAac">AAC of the object types that all browsers play.</param>
internal sealed record CodecShape(
    bool IsVideo, CodecId Codec, string Format, string Profile, int BitDepth, int ChromaFormat, bool IsInterlaced, bool IsPlainAac)
{
    // ffmpeg's names, where they are not those of CodecId in lower case.
    private static readonly Dictionary<string, CodecId> Names = new(StringComparer.Ordinal)
    {
        ["mpeg4"] = CodecId.Mpeg4Visual,
        ["msmpeg4v3"] = CodecId.Mpeg4Visual,
        ["mpeg2video"] = CodecId.Mpeg2Video,
        ["mpeg1video"] = CodecId.Mpeg2Video,
        ["mjpeg"] = CodecId.MotionJpeg,
        ["amr_nb"] = CodecId.AmrNb,
        ["amr_wb"] = CodecId.AmrWb,
        ["dts"] = CodecId.Dts,
        ["pcm_alaw"] = CodecId.G711,
        ["pcm_mulaw"] = CodecId.G711,
    };

    // Those of whose names nothing better can be said than the usual way of writing them.
    private static readonly Dictionary<string, string> Spelled = new(StringComparer.Ordinal)
    {
        ["vorbis"] = "Vorbis in MP4 segments",
        ["theora"] = "Theora",
        ["wmv1"] = "Windows Media Video",
        ["wmv2"] = "Windows Media Video",
        ["wmv3"] = "Windows Media Video",
        ["vc1"] = "VC-1",
        ["wmav1"] = "Windows Media Audio",
        ["wmav2"] = "Windows Media Audio",
        ["wmapro"] = "Windows Media Audio",
        ["flv1"] = "Sorenson H.263",
        ["vp8"] = "VP8 in MP4 segments",
        ["truehd"] = "Dolby TrueHD",
        ["mpeg1video"] = "MPEG-1 video",
        ["msmpeg4v3"] = "DivX 3 video",
    };

    /// <summary>From a sample description.</summary>
    public static CodecShape Of(SampleDescription d) => new(
        d.Kind == TrackKind.Video, d.Codec, $"the format {d.Format}", d.Profile, d.BitDepth, d.ChromaFormat, d.IsInterlaced,
        d.Aac is not null && d.Codecs is ("mp4a.40.2" or "mp4a.40.5" or "mp4a.40.29"));

    /// <summary>From ffprobe's facts.</summary>
    public static CodecShape Of(StreamFacts s)
    {
        var codec = Spelled.ContainsKey(s.Codec) ? CodecId.Unknown
            : Names.TryGetValue(s.Codec, out var named) ? named
            : s.Codec.StartsWith("pcm_", StringComparison.Ordinal) ? CodecId.Pcm
            : Enum.TryParse<CodecId>(s.Codec, ignoreCase: true, out var same) && !char.IsAsciiDigit(s.Codec[0]) ? same
            : CodecId.Unknown;
        var name = s.Codec.Length == 0 ? "its codec, which is not known" : Spelled.GetValueOrDefault(s.Codec, s.Codec);
        return new CodecShape(
            s.Kind == StreamKind.Video, codec, name, s.Profile, s.BitDepth, s.ChromaFormat, s.IsInterlaced,
            s.Profile is "LC" or "HE-AAC" or "HE-AACv2");
    }
}
