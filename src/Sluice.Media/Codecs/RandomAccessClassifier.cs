using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Codecs;

/// <summary>What the bitstream itself says about a sample that the container may call a sync sample.</summary>
internal static class RandomAccessClassifier
{
    public static RandomAccess Classify(SampleDescription description, ReadOnlySpan<byte> sample)
    {
        if (description.IsEncrypted && description.Codec is not (CodecId.H264 or CodecId.Hevc))
        {
            return RandomAccess.Unknown;
        }

        return description.Codec switch
        {
            CodecId.H264 => Avc(sample, description.NalLengthSize),
            CodecId.Hevc => Hevc(sample, description.NalLengthSize),
            CodecId.Av1 => Av1(sample),
            CodecId.Vp8 => sample.IsEmpty ? RandomAccess.Unknown : Key((sample[0] & 1) == 0),
            CodecId.Vp9 => Vp9(sample),
            CodecId.Mpeg4Visual => Visual(sample),
            CodecId.ProRes or CodecId.MotionJpeg => RandomAccess.Idr,
            CodecId.Mpegh or CodecId.Ac4 or CodecId.Iamf => RandomAccess.Unknown, // These have sync frames of their own.
            CodecId.Aac when description.Aac is { ObjectType: 42 } => RandomAccess.Unknown,
            _ => description.Kind == TrackKind.Audio ? RandomAccess.Idr : RandomAccess.Unknown,
        };
    }

    private static RandomAccess Key(bool isKey) => isKey ? RandomAccess.Idr : RandomAccess.None;

    /// <summary>H.264 table 7-1: the first coded slice decides; a recovery point before it opens the GOP there.</summary>
    private static RandomAccess Avc(ReadOnlySpan<byte> sample, int lengthSize)
    {
        var recovers = false;
        var units = new NalUnits(sample, lengthSize);
        while (units.Next())
        {
            switch (units.Current[0] & 0x1F)
            {
                case 5:
                    return RandomAccess.Idr;
                case >= 1 and <= 4:
                    return recovers ? RandomAccess.OpenGop : RandomAccess.None;
                case 6:
                    recovers |= SupplementalInformation.HasRecoveryPoint(units.Current);
                    break;
            }
        }

        return RandomAccess.Unknown;
    }

    /// <summary>H.265 table 7-1. A BLA's leading pictures are never shown, so nothing refers back from it.</summary>
    private static RandomAccess Hevc(ReadOnlySpan<byte> sample, int lengthSize)
    {
        var units = new NalUnits(sample, lengthSize);
        while (units.Next())
        {
            var type = (units.Current[0] >> 1) & 0x3F;
            if (type < 32)
            {
                return type switch
                {
                    >= 16 and <= 20 => RandomAccess.Idr,
                    21 => RandomAccess.OpenGop,
                    _ => RandomAccess.None,
                };
            }
        }

        return RandomAccess.Unknown;
    }

    /// <summary>uncompressed_header() of AV1 (section 5.9.2): the first frame of the temporal unit decides.</summary>
    private static RandomAccess Av1(ReadOnlySpan<byte> sample)
    {
        var still = false;
        var units = new Av1Obus(sample);
        while (units.Next())
        {
            if (units.Type == Av1Obus.SequenceHeader)
            {
                still = Av1SequenceHeader.TryParse(units.Body, out var header) && header.IsStillPicture;
            }
            else if (units.Type is Av1Obus.FrameHeader or Av1Obus.Frame)
            {
                var bits = new BitReader(units.Body);
                if (still)
                {
                    return RandomAccess.Idr;
                }

                var showsExisting = bits.ReadFlag();
                var isKey = bits.ReadBits(2) == 0;
                var isShown = bits.ReadFlag();
                return bits.Failed ? RandomAccess.Unknown
                    : showsExisting || !isKey ? RandomAccess.None
                    : isShown ? RandomAccess.Idr
                    : RandomAccess.OpenGop;
            }
        }

        return RandomAccess.Unknown;
    }

    /// <summary>uncompressed_header() of VP9 (section 6.2).</summary>
    private static RandomAccess Vp9(ReadOnlySpan<byte> sample)
    {
        var bits = new BitReader(sample);
        var marker = bits.ReadBits(2);
        var profile = bits.ReadBits(1) | (bits.ReadBits(1) << 1);
        bits.Skip(profile == 3 ? 1 : 0);
        var showsExisting = bits.ReadFlag();
        var isInter = bits.ReadFlag();
        return bits.Failed || marker != 2 ? RandomAccess.Unknown : Key(!showsExisting && !isInter);
    }

    /// <summary>vop_coding_type behind vop_start_code (ISO/IEC 14496-2 section 6.2.5): 0 is intra.</summary>
    private static RandomAccess Visual(ReadOnlySpan<byte> sample)
    {
        ReadOnlySpan<byte> start = [0, 0, 1, 0xB6];
        var at = sample.IndexOf(start);
        return at < 0 || at + 4 >= sample.Length ? RandomAccess.Unknown : Key(sample[at + 4] >> 6 == 0);
    }
}
