using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Matroska;

/// <summary>
/// A Matroska codec as an ISO sample entry, where CodecPrivate is the very record that ISO boxes hold (RFC 9559 codec
/// specifications: <c>avcC</c>, <c>hvcC</c>, <c>av1C</c>, AudioSpecificConfig, OpusHead, FLAC's metadata).
/// </summary>
internal static class MatroskaSampleEntry
{
    /// <summary>CodecID of VP9, whose configuration only its frames tell.</summary>
    public const string Vp9 = "V_VP9";

    /// <summary>What is said of VP9 until <see cref="DescribeVp9"/>.</summary>
    public const string NotLookedAt = "none of its pictures has been looked at";

    private const int AacObjectType = 0x40;
    private const int Mp3ObjectType = 0x6B;

    /// <summary>A shown size is in whole pixels: so near to square is square.</summary>
    private const double RoundedAspect = 0.005;

    /// <summary>What browsers and manifests want to know of it.</summary>
    /// <param name="kind">Of the track.</param>
    /// <param name="codec">CodecID.</param>
    /// <param name="configuration">CodecPrivate.</param>
    /// <param name="video">Body of the Video element; empty for none.</param>
    /// <param name="audio">Body of the Audio element; empty for none.</param>
    /// <param name="problem">Why there is no answer, in words for a person.</param>
    public static SampleDescription? Describe(
        TrackKind kind, string codec, ReadOnlySpan<byte> configuration, ReadOnlySpan<byte> video, ReadOnlySpan<byte> audio, out string? problem)
    {
        var entry = (kind, codec) switch
        {
            (TrackKind.Video, "V_MPEG4/ISO/AVC") => Picture("avc1", "avcC", configuration, video),
            (TrackKind.Video, "V_MPEGH/ISO/HEVC") => Picture("hvc1", "hvcC", configuration, video),
            (TrackKind.Video, "V_AV1") => Picture("av01", "av1C", configuration, video),
            (TrackKind.Audio, "A_AAC") => Mpeg4Sound(AacObjectType, configuration, audio),
            (TrackKind.Audio, "A_MPEG/L3") => Mpeg4Sound(Mp3ObjectType, [], audio),
            (TrackKind.Audio, "A_OPUS") => Opus(configuration, audio),
            (TrackKind.Audio, "A_FLAC") => Flac(configuration, audio),
            _ => null,
        };
        var description = entry is null ? null : SampleDescription.TryParse(entry, kind);
        problem = codec == Vp9 ? NotLookedAt
            : entry is null ? $"{codec} is not copied out of Matroska"
            : description is null ? $"{codec} has no configuration that can be read"
            : description.Problem;
        return problem is null ? description : null;
    }

    /// <summary>VP9 by one of its keyframes.</summary>
    public static SampleDescription? DescribeVp9(Vp9KeyFrame picture, out string? problem)
    {
        var entry = Picture("vp09", "vpcC", picture.ToConfiguration(), (ulong)picture.Width, (ulong)picture.Height, aspect: null);
        var description = SampleDescription.TryParse(entry, TrackKind.Video);
        problem = description?.Problem;
        return problem is null ? description : null;
    }

    private static byte[] Picture(string format, string box, ReadOnlySpan<byte> configuration, ReadOnlySpan<byte> video)
    {
        ulong width = 0, height = 0, shownWidth = 0, shownHeight = 0;
        var children = new EbmlChildren(video);
        while (children.Next())
        {
            switch (children.Id)
            {
                case MatroskaId.PixelWidth: width = children.UInt; break;
                case MatroskaId.PixelHeight: height = children.UInt; break;
                case MatroskaId.DisplayWidth: shownWidth = children.UInt; break;
                case MatroskaId.DisplayHeight: shownHeight = children.UInt; break;
                default: break;
            }
        }

        return Picture(format, box, configuration, width, height, AspectOf(width, height, shownWidth, shownHeight));
    }

    /// <summary>Shape of one sample; square when nothing else is said. The shown size may be in any unit: only its shape counts.</summary>
    private static Rational? AspectOf(ulong width, ulong height, ulong shownWidth, ulong shownHeight)
    {
        const ulong most = 1 << 20;
        var isSaid = width is > 0 and < most && height is > 0 and < most && shownWidth is > 0 and < most && shownHeight is > 0 and < most;
        var aspect = isSaid ? new Rational((long)(shownWidth * height), (long)(shownHeight * width)).Reduced() : default;
        return isSaid && Math.Abs(aspect.Value - 1) > RoundedAspect && aspect is { Numerator: <= uint.MaxValue, Denominator: <= uint.MaxValue } ? aspect : null;
    }

    private static byte[] Picture(string format, string box, ReadOnlySpan<byte> configuration, ulong width, ulong height, Rational? aspect)
    {
        var w = new SpanWriter(128 + configuration.Length);
        var entry = w.BeginBox(format);
        w.WriteZeros(6);
        w.WriteUInt16(1); // data_reference_index
        w.WriteZeros(16);
        w.WriteUInt16((ushort)Math.Min(width, ushort.MaxValue));
        w.WriteUInt16((ushort)Math.Min(height, ushort.MaxValue));
        w.WriteUInt32(0x0048_0000); // 72 dpi
        w.WriteUInt32(0x0048_0000);
        w.WriteUInt32(0);
        w.WriteUInt16(1); // frame_count
        w.WriteZeros(32); // compressorname
        w.WriteUInt16(0x18);
        w.WriteUInt16(0xFFFF);
        WriteBox(w, box, configuration);
        if (aspect is { } shape)
        {
            var pasp = w.BeginBox("pasp");
            w.WriteUInt32((uint)shape.Numerator);
            w.WriteUInt32((uint)shape.Denominator);
            w.EndBox(pasp);
        }

        w.EndBox(entry);
        return w.ToArray();
    }

    private static byte[] Mpeg4Sound(int objectType, ReadOnlySpan<byte> specific, ReadOnlySpan<byte> audio)
    {
        var w = new SpanWriter(128 + specific.Length);
        var entry = BeginSound(w, "mp4a", audio);
        EsDescriptor.Write(w, objectType, default, specific);
        w.EndBox(entry);
        return w.ToArray();
    }

    /// <summary>OpusHead is little-endian (RFC 7845 section 5.1), <c>dOps</c> big-endian, with version 0 and no magic.</summary>
    private static byte[]? Opus(ReadOnlySpan<byte> head, ReadOnlySpan<byte> audio)
    {
        if (head.Length < 19 || !head.StartsWith("OpusHead"u8))
        {
            return null;
        }

        var w = new SpanWriter(128 + head.Length);
        var entry = BeginSound(w, "Opus", audio);
        var box = w.BeginBox("dOps");
        w.WriteUInt8(0);
        w.WriteUInt8(head[9]);
        w.WriteBytes([head[11], head[10]]);
        w.WriteBytes([head[15], head[14], head[13], head[12]]);
        w.WriteBytes([head[17], head[16]]);
        w.WriteBytes(head[18..]);
        w.EndBox(box);
        w.EndBox(entry);
        return w.ToArray();
    }

    /// <summary>CodecPrivate is "fLaC" and the metadata blocks; <c>dfLa</c> is a FullBox of those blocks, STREAMINFO first and marked as the last.</summary>
    private static byte[]? Flac(ReadOnlySpan<byte> configuration, ReadOnlySpan<byte> audio)
    {
        const int streamInfo = 4 + 34;
        if (configuration.Length < 4 + streamInfo || !configuration.StartsWith("fLaC"u8) || (configuration[4] & 0x7F) != 0)
        {
            return null;
        }

        var w = new SpanWriter(160);
        var entry = BeginSound(w, "fLaC", audio);
        var box = w.BeginFullBox("dfLa", 0, 0);
        w.WriteUInt8(0x80);
        w.WriteBytes(configuration.Slice(5, streamInfo - 1));
        w.EndBox(box);
        w.EndBox(entry);
        return w.ToArray();
    }

    private static int BeginSound(SpanWriter w, string format, ReadOnlySpan<byte> audio)
    {
        var (channels, rate) = (1UL, 8000.0); // The specification's defaults.
        var children = new EbmlChildren(audio);
        while (children.Next())
        {
            switch (children.Id)
            {
                case MatroskaId.Channels: channels = children.UInt; break;
                case MatroskaId.SamplingFrequency: rate = children.Float; break;
                default: break;
            }
        }

        var entry = w.BeginBox(format);
        w.WriteZeros(6);
        w.WriteUInt16(1); // data_reference_index
        w.WriteZeros(8);
        w.WriteUInt16((ushort)Math.Min(channels, 255));
        w.WriteUInt16(16);
        w.WriteUInt32(0);
        w.WriteUInt32(rate is >= 1 and <= ushort.MaxValue ? (uint)Math.Round(rate) << 16 : 0);
        return entry;
    }

    private static void WriteBox(SpanWriter w, string type, ReadOnlySpan<byte> body)
    {
        if (!body.IsEmpty)
        {
            var box = w.BeginBox(type);
            w.WriteBytes(body);
            w.EndBox(box);
        }
    }
}
