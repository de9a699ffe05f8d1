using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>seq_parameter_set_rbsp() of H.265 (section 7.3.2.2.1), as far as the VUI's field_seq_flag.</summary>
internal readonly record struct HevcSequenceParameterSet(
    int Width, int Height, int BitDepth, int ChromaFormat, bool IsFieldSequence, VideoUsability Vui)
{
    /// <summary>Above the longest side of level 7.2 (A.4.1).</summary>
    private const uint LongestSide = 1 << 16;

    private const int MostShortTermSets = 64; // section 7.4.3.2.1

    public static bool TryParse(ReadOnlySpan<byte> nal, out HevcSequenceParameterSet sps)
    {
        sps = default;
        if (nal.Length < 4)
        {
            return false;
        }

        var bits = new BitReader(NalUnits.Unescape(nal[2..]));
        bits.Skip(4); // sps_video_parameter_set_id
        var subLayers = (int)bits.ReadBits(3);
        bits.Skip(1);
        SkipProfileTierLevel(ref bits, subLayers);
        bits.ReadUnsignedExpGolomb(); // sps_seq_parameter_set_id
        var chroma = bits.ReadUnsignedExpGolomb();
        if (chroma == 3)
        {
            bits.Skip(1);
        }

        long width = bits.ReadUnsignedExpGolomb(), height = bits.ReadUnsignedExpGolomb();
        if (bits.ReadFlag()) // conformance_window_flag
        {
            var unitX = chroma is 1 or 2 ? 2 : 1;
            var unitY = chroma == 1 ? 2 : 1;
            width -= unitX * ((long)bits.ReadUnsignedExpGolomb() + bits.ReadUnsignedExpGolomb());
            height -= unitY * ((long)bits.ReadUnsignedExpGolomb() + bits.ReadUnsignedExpGolomb());
        }

        var depth = 8 + bits.ReadUnsignedExpGolomb();
        bits.ReadUnsignedExpGolomb();
        if (bits.Failed || chroma > 3 || depth > 16 || width is <= 0 or > LongestSide || height is <= 0 or > LongestSide)
        {
            return false;
        }

        // What lies between here and the VUI is long; if it cannot be read, the size still stands.
        var (vui, fields) = ReadUsability(ref bits, subLayers) ? ReadVui(ref bits) : (VideoUsability.None, false);
        sps = new HevcSequenceParameterSet((int)width, (int)height, (int)depth, (int)chroma, fields, vui);
        return true;
    }

    private static (VideoUsability Vui, bool IsFieldSequence) ReadVui(ref BitReader bits)
    {
        var vui = VideoUsability.Read(ref bits);
        bits.Skip(1); // neutral_chroma_indication_flag
        return (vui, bits.ReadFlag());
    }

    /// <summary>Steps from log2_max_pic_order_cnt to vui_parameters_present_flag and answers that flag.</summary>
    private static bool ReadUsability(ref BitReader bits, int subLayers)
    {
        var orderBits = (int)bits.ReadUnsignedExpGolomb() + 4;
        var all = bits.ReadFlag();
        for (var i = all ? 0 : subLayers; i <= subLayers; i++)
        {
            bits.ReadUnsignedExpGolomb();
            bits.ReadUnsignedExpGolomb();
            bits.ReadUnsignedExpGolomb();
        }

        for (var i = 0; i < 6; i++)
        {
            bits.ReadUnsignedExpGolomb(); // block and transform sizes
        }

        if (bits.ReadFlag() && bits.ReadFlag()) // scaling_list_enabled_flag, sps_scaling_list_data_present_flag
        {
            SkipScalingLists(ref bits);
        }

        bits.Skip(2); // amp, sample adaptive offset
        if (bits.ReadFlag()) // pcm_enabled_flag
        {
            bits.Skip(8);
            bits.ReadUnsignedExpGolomb();
            bits.ReadUnsignedExpGolomb();
            bits.Skip(1);
        }

        if (!SkipShortTermSets(ref bits))
        {
            return false;
        }

        if (bits.ReadFlag()) // long_term_ref_pics_present_flag
        {
            var count = bits.ReadUnsignedExpGolomb();
            for (var i = 0; i < count && !bits.Failed; i++)
            {
                bits.Skip(Math.Clamp(orderBits, 4, 16) + 1);
            }
        }

        bits.Skip(2); // temporal mvp, strong intra smoothing
        return bits.ReadFlag() && !bits.Failed;
    }

    private static void SkipProfileTierLevel(ref BitReader bits, int subLayers)
    {
        bits.Skip(88 + 8);
        Span<bool> profile = stackalloc bool[8], level = stackalloc bool[8];
        for (var i = 0; i < subLayers; i++)
        {
            profile[i] = bits.ReadFlag();
            level[i] = bits.ReadFlag();
        }

        bits.Skip(subLayers > 0 ? 2 * (8 - subLayers) : 0);
        for (var i = 0; i < subLayers; i++)
        {
            bits.Skip((profile[i] ? 88 : 0) + (level[i] ? 8 : 0));
        }
    }

    private static void SkipScalingLists(ref BitReader bits)
    {
        for (var size = 0; size < 4; size++)
        {
            for (var matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1)
            {
                if (!bits.ReadFlag())
                {
                    bits.ReadUnsignedExpGolomb();
                    continue;
                }

                if (size > 1)
                {
                    bits.ReadSignedExpGolomb();
                }

                for (var i = 0; i < Math.Min(64, 1 << (4 + (size << 1))) && !bits.Failed; i++)
                {
                    bits.ReadSignedExpGolomb();
                }
            }
        }
    }

    /// <summary>st_ref_pic_set() of each index (section 7.3.7): each may be told as a change of the one before.</summary>
    private static bool SkipShortTermSets(ref BitReader bits)
    {
        var sets = bits.ReadUnsignedExpGolomb();
        if (sets > MostShortTermSets)
        {
            return false;
        }

        long pictures = 0;
        for (var set = 0; set < sets && !bits.Failed; set++)
        {
            if (set > 0 && bits.ReadFlag())
            {
                bits.Skip(1);
                bits.ReadUnsignedExpGolomb();
                long kept = 0;
                for (var i = 0; i <= pictures && !bits.Failed; i++)
                {
                    kept += bits.ReadFlag() || bits.ReadFlag() ? 1 : 0;
                }

                pictures = kept;
                continue;
            }

            pictures = (long)bits.ReadUnsignedExpGolomb() + bits.ReadUnsignedExpGolomb();
            for (var i = 0; i < pictures && !bits.Failed; i++)
            {
                bits.ReadUnsignedExpGolomb();
                bits.Skip(1);
            }
        }

        return !bits.Failed;
    }
}
