using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>sequence_header_obu() (AV1 section 5.5.1), as far as its colour.</summary>
internal readonly record struct Av1SequenceHeader(int Width, int Height, bool IsStillPicture, VideoColor Color)
{
    /// <summary>The first sequence header among <paramref name="obus"/>; null when there is none that is whole.</summary>
    public static Av1SequenceHeader? Find(ReadOnlySpan<byte> obus)
    {
        var units = new Av1Obus(obus);
        while (units.Next())
        {
            if (units.Type == Av1Obus.SequenceHeader)
            {
                return TryParse(units.Body, out var header) ? header : null;
            }
        }

        return null;
    }

    public static bool TryParse(ReadOnlySpan<byte> body, out Av1SequenceHeader header)
    {
        var bits = new BitReader(body);
        var profile = (int)bits.ReadBits(3);
        bits.Skip(1); // still_picture
        var reduced = bits.ReadFlag();
        if (reduced)
        {
            bits.Skip(5);
        }
        else
        {
            SkipOperatingPoints(ref bits);
        }

        var widthBits = (int)bits.ReadBits(4) + 1;
        var heightBits = (int)bits.ReadBits(4) + 1;
        var width = (int)bits.ReadBits(widthBits) + 1;
        var height = (int)bits.ReadBits(heightBits) + 1;
        if (!reduced && bits.ReadFlag()) // frame_id_numbers_present_flag
        {
            bits.Skip(7);
        }

        bits.Skip(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
        if (!reduced)
        {
            SkipTools(ref bits);
        }

        bits.Skip(3); // superres, cdef, restoration
        var color = ReadColor(ref bits, profile);
        header = new Av1SequenceHeader(width, height, reduced, color);
        return !bits.Failed;
    }

    private static void SkipOperatingPoints(ref BitReader bits)
    {
        var decoderModel = false;
        var delayBits = 0;
        if (bits.ReadFlag()) // timing_info_present_flag
        {
            bits.Skip(64);
            if (bits.ReadFlag()) // equal_picture_interval
            {
                bits.ReadUnsignedExpGolomb(); // uvlc() is coded alike
            }

            decoderModel = bits.ReadFlag();
            if (decoderModel)
            {
                delayBits = (int)bits.ReadBits(5) + 1;
                bits.Skip(32 + 5 + 5);
            }
        }

        var displayDelay = bits.ReadFlag();
        var points = (int)bits.ReadBits(5) + 1;
        for (var i = 0; i < points && !bits.Failed; i++)
        {
            bits.Skip(12);
            if (bits.ReadBits(5) > 7)
            {
                bits.Skip(1); // seq_tier
            }

            if (decoderModel && bits.ReadFlag())
            {
                bits.Skip((2 * delayBits) + 1);
            }

            if (displayDelay && bits.ReadFlag())
            {
                bits.Skip(4);
            }
        }
    }

    private static void SkipTools(ref BitReader bits)
    {
        bits.Skip(4); // interintra, masked compound, warped motion, dual filter
        var orderHint = bits.ReadFlag();
        bits.Skip(orderHint ? 2 : 0);
        var forceScreenContent = bits.ReadFlag() ? 2u : bits.ReadBits(1);
        if (forceScreenContent > 0 && !bits.ReadFlag())
        {
            bits.Skip(1);
        }

        bits.Skip(orderHint ? 3 : 0);
    }

    /// <summary>color_config() (section 5.5.2).</summary>
    private static VideoColor ReadColor(ref BitReader bits, int profile)
    {
        var high = bits.ReadFlag();
        if (profile == 2 && high)
        {
            bits.Skip(1);
        }

        var monochrome = profile != 1 && bits.ReadFlag();
        var color = VideoColor.Unspecified;
        if (bits.ReadFlag())
        {
            color = new VideoColor((int)bits.ReadBits(8), (int)bits.ReadBits(8), (int)bits.ReadBits(8), false);
        }

        var isRgb = !monochrome && color is { Primaries: 1, Transfer: 13, Matrix: 0 };
        return color with { FullRange = isRgb || bits.ReadFlag() };
    }
}
