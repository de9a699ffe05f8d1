using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>seq_parameter_set_rbsp() of H.264 (section 7.3.2.1.1), as far as the VUI's colour.</summary>
internal readonly record struct AvcSequenceParameterSet(
    int Width, int Height, int BitDepth, int ChromaFormat, bool FrameMbsOnly, VideoUsability Vui)
{
    /// <summary>Level 6.2 allows 139264 macroblocks a frame; no side is longer than this many (A.3.1).</summary>
    private const uint MostMacroblocks = 1 << 12;

    public static bool TryParse(ReadOnlySpan<byte> nal, out AvcSequenceParameterSet sps)
    {
        sps = default;
        if (nal.Length < 5)
        {
            return false;
        }

        var bits = new BitReader(NalUnits.Unescape(nal[1..]));
        var profile = bits.ReadBits(8);
        bits.Skip(16);
        bits.ReadUnsignedExpGolomb(); // seq_parameter_set_id
        uint chroma = 1, depth = 8;
        if (profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135)
        {
            chroma = bits.ReadUnsignedExpGolomb();
            if (chroma == 3)
            {
                bits.Skip(1); // separate_colour_plane_flag
            }

            depth = 8 + bits.ReadUnsignedExpGolomb();
            bits.ReadUnsignedExpGolomb();
            bits.Skip(1);
            SkipScalingMatrix(ref bits, chroma);
        }

        bits.ReadUnsignedExpGolomb(); // log2_max_frame_num_minus4
        SkipPictureOrder(ref bits);
        bits.ReadUnsignedExpGolomb(); // max_num_ref_frames
        bits.Skip(1);
        var widthInMacroblocks = bits.ReadUnsignedExpGolomb() + 1;
        var heightInMapUnits = bits.ReadUnsignedExpGolomb() + 1;
        var frameMbsOnly = bits.ReadFlag();
        bits.Skip(frameMbsOnly ? 1 : 2);
        if (bits.Failed || chroma > 3 || depth > 14 || widthInMacroblocks > MostMacroblocks || heightInMapUnits > MostMacroblocks)
        {
            return false;
        }

        var fields = frameMbsOnly ? 1 : 2;
        var (width, height) = Crop(
            ref bits, (int)widthInMacroblocks * 16, (int)heightInMapUnits * 16 * fields, (int)chroma, fields);
        var vui = bits.ReadFlag() ? VideoUsability.Read(ref bits) : VideoUsability.None;
        sps = new AvcSequenceParameterSet(width, height, (int)depth, (int)chroma, frameMbsOnly, vui);
        return width > 0 && height > 0;
    }

    private static (int Width, int Height) Crop(ref BitReader bits, int width, int height, int chroma, int fields)
    {
        if (!bits.ReadFlag())
        {
            return (width, height);
        }

        var unitX = chroma is 1 or 2 ? 2 : 1;
        var unitY = (chroma == 1 ? 2 : 1) * fields;
        var across = (long)bits.ReadUnsignedExpGolomb() + bits.ReadUnsignedExpGolomb();
        var down = (long)bits.ReadUnsignedExpGolomb() + bits.ReadUnsignedExpGolomb();
        return ((int)Math.Max(0, width - (unitX * across)), (int)Math.Max(0, height - (unitY * down)));
    }

    private static void SkipPictureOrder(ref BitReader bits)
    {
        var type = bits.ReadUnsignedExpGolomb();
        if (type == 0)
        {
            bits.ReadUnsignedExpGolomb();
        }
        else if (type == 1)
        {
            bits.Skip(1);
            bits.ReadSignedExpGolomb();
            bits.ReadSignedExpGolomb();
            var cycle = bits.ReadUnsignedExpGolomb();
            for (var i = 0; i < cycle && !bits.Failed; i++)
            {
                bits.ReadSignedExpGolomb();
            }
        }
    }

    private static void SkipScalingMatrix(ref BitReader bits, uint chroma)
    {
        if (!bits.ReadFlag())
        {
            return;
        }

        for (var list = 0; list < (chroma == 3 ? 12 : 8); list++)
        {
            if (!bits.ReadFlag())
            {
                continue;
            }

            int last = 8, next = 8;
            for (var i = 0; i < (list < 6 ? 16 : 64) && next != 0 && !bits.Failed; i++)
            {
                next = (last + bits.ReadSignedExpGolomb()) & 0xFF;
                last = next == 0 ? last : next;
            }
        }
    }
}
