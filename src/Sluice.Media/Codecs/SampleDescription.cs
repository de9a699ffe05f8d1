using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Codecs;

/// <summary>
/// One entry of a sample description box (<c>stsd</c>, ISO/IEC 14496-12 section 8.5.2), understood: the codec, its
/// RFC 6381 name, what a person wants to know of it, and what a packager needs to copy it.
/// </summary>
public sealed record SampleDescription
{
    internal SampleDescription()
    {
    }

    /// <summary>Type of the sample entry as it stands in the file, e.g. <c>hev1</c> or <c>encv</c>.</summary>
    public required FourCc Format { get; init; }

    /// <summary>The kind of the track that the entry belongs to.</summary>
    public required TrackKind Kind { get; init; }

    /// <summary>The bitstream; of an encrypted entry the one inside.</summary>
    public CodecId Codec { get; internal init; }

    /// <summary>RFC 6381 codec string of the entry that <see cref="ToCmafSampleEntry"/> writes, e.g.
    /// <c>avc1.64001F</c>. For a damaged or unknown entry the four-character code alone.</summary>
    public string Codecs { get; internal init; } = "";

    /// <summary>Profile in words, e.g. <c>High</c> or <c>LC</c>; empty when the codec has none.</summary>
    public string Profile { get; internal init; } = "";

    /// <summary>Level in words, e.g. <c>3.1</c>; empty when the codec has none.</summary>
    public string Level { get; internal init; } = "";

    /// <summary>All of it in one line for people, e.g. <c>h264 High 4:2:0 8-bit, 1280x720</c>.</summary>
    public string Description => DescriptionText.Of(this);

    /// <summary>Why the entry cannot be copied as it is (configuration missing or damaged), in words for a person;
    /// null when it is whole.</summary>
    public string? Problem { get; internal init; }

    /// <summary>Width in luma samples after cropping, from the bitstream's own header where there is one; 0 for audio.</summary>
    public int CodedWidth { get; internal init; }

    /// <summary>Height in luma samples after cropping; 0 for audio.</summary>
    public int CodedHeight { get; internal init; }

    /// <summary>Width over height of one sample, from <c>pasp</c>, else from the bitstream, else 1/1.</summary>
    public Rational SampleAspectRatio { get; internal init; } = new(1, 1);

    /// <summary>Bits in a luma sample (video) or in a PCM-like sample (lossless audio); 0 when not known.</summary>
    public int BitDepth { get; internal init; }

    /// <summary>chroma_format_idc: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.</summary>
    public int ChromaFormat { get; internal init; } = 1;

    /// <summary>Pictures are, or may be, coded as fields.</summary>
    public bool IsInterlaced { get; internal init; }

    /// <summary>Colour, from <c>colr</c> (which overrides the bitstream, section 12.1.5), else from the bitstream.</summary>
    public VideoColor Color { get; internal init; } = VideoColor.Unspecified;

    /// <summary><c>SDR</c>, <c>PQ</c> or <c>HLG</c>; null for audio.</summary>
    public string? VideoRange => Kind == TrackKind.Video ? Color.VideoRange : null;

    /// <summary>Bytes in the length before each NAL unit: 1, 2 or 4 for H.264 and HEVC; else 0.</summary>
    public int NalLengthSize { get; internal init; }

    /// <summary>HEVC video parameter sets, each a NAL unit without length or start code.</summary>
    public IReadOnlyList<byte[]> VideoParameterSets { get; internal init; } = [];

    /// <summary>H.264 and HEVC sequence parameter sets, each a NAL unit without length or start code.</summary>
    public IReadOnlyList<byte[]> SequenceParameterSets { get; internal init; } = [];

    /// <summary>H.264 and HEVC picture parameter sets, each a NAL unit without length or start code.</summary>
    public IReadOnlyList<byte[]> PictureParameterSets { get; internal init; } = [];

    /// <summary>Channels after decoding, from the codec's own configuration where it tells; 0 for video.</summary>
    public int ChannelCount { get; internal init; }

    /// <summary>Samples in a second after decoding, spectral band replication included; 0 for video.</summary>
    public int SampleRate { get; internal init; }

    /// <summary>MPEG-4 audio configuration of AAC; null for everything else and when it is missing.</summary>
    public AudioSpecificConfig? Aac { get; internal init; }

    /// <summary>Samples are encrypted (<c>encv</c>, <c>enca</c>).</summary>
    public bool IsEncrypted { get; internal init; }

    /// <summary>Protection scheme, e.g. <c>cenc</c> or <c>cbcs</c>; null when not encrypted or not said.</summary>
    public string? EncryptionScheme { get; internal init; }

    /// <summary>The whole box as it was read, for <see cref="ToCmafSampleEntry"/>.</summary>
    internal byte[] Entry { get; init; } = [];

    /// <summary>What the unencrypted entry is called: the type itself, or <c>frma</c> inside <c>sinf</c>.</summary>
    internal FourCc OriginalFormat { get; init; }

    /// <summary>objectTypeIndication of <c>esds</c> (ISO/IEC 14496-1 table 5); 0 without one.</summary>
    internal int ObjectType { get; init; }

    /// <summary>The decoder's own configuration: body of <c>avcC</c>, <c>hvcC</c>, <c>av1C</c>…, or of the
    /// DecoderSpecificInfo in <c>esds</c>.</summary>
    internal ReadOnlyMemory<byte> Configuration { get; init; }

    /// <summary>Understands one entry.</summary>
    /// <param name="sampleEntryBox">The whole entry with its box header.</param>
    /// <param name="kind">Kind of its track, which decides the layout of the entry.</param>
    /// <returns>Null only when the bytes are no box or the track is neither video nor audio; what else is wrong is in
    /// <see cref="Problem"/>.</returns>
    public static SampleDescription? TryParse(ReadOnlySpan<byte> sampleEntryBox, TrackKind kind) =>
        SampleEntryParser.TryParse(sampleEntryBox, kind);

    /// <summary>Looks into a sample to see what kind of random access point it is.</summary>
    /// <param name="samplePrefix">The sample's first bytes; it may be cut off anywhere (4 KiB are enough in practice).</param>
    public RandomAccess Classify(ReadOnlySpan<byte> samplePrefix) => RandomAccessClassifier.Classify(this, samplePrefix);

    /// <summary>Whether one init segment serves the samples of both: the same codec, and the same bytes of decoder
    /// configuration (<c>avcC</c>, <c>hvcC</c>, <c>av1C</c>, AudioSpecificConfig…). False when either has none.</summary>
    public bool HasSameConfiguration(SampleDescription other) =>
        Codec == other.Codec && IsEncrypted == other.IsEncrypted && ObjectType == other.ObjectType
        && !Configuration.IsEmpty && Configuration.Span.SequenceEqual(other.Configuration.Span);

    /// <summary>
    /// Corrects what an entry cannot tell: the layer of MPEG audio, which its object type leaves open. For other codecs
    /// the description comes back as it is.
    /// </summary>
    /// <param name="firstSample">The track's first sample, or its first bytes.</param>
    public SampleDescription Confirm(ReadOnlySpan<byte> firstSample) =>
        Codec == CodecId.Mp3 && MpegAudioHeader.TryParse(firstSample, out var header)
            ? this with
            {
                Codec = header.Layer == 3 ? CodecId.Mp3 : CodecId.Mp2,
                SampleRate = header.SampleRate,
                ChannelCount = header.ChannelCount,
            }
            : this;

    /// <summary>
    /// The entry for a CMAF header (ISO/IEC 23000-19): <c>hev1</c> and <c>avc3</c> become <c>hvc1</c> and <c>avc1</c>
    /// when the parameter sets are in the configuration, QuickTime sound versions 1 and 2 become version 0, MPEG audio
    /// under any name becomes <c>mp4a</c> with a clean <c>esds</c>; boxes that no player needs are dropped and
    /// data_reference_index is 1.
    /// </summary>
    /// <returns>A whole box.</returns>
    public byte[] ToCmafSampleEntry() => CmafSampleEntryWriter.Write(this);
}
