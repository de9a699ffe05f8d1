using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>What the header of a VP9 keyframe says (VP9 Bitstream and Decoding Process Specification section 6.2), which containers other than
/// MP4 leave there.</summary>
/// <param name="Profile">0 to 3.</param>
/// <param name="BitDepth">8, 10 or 12.</param>
/// <param name="ChromaSubsampling">As <c>vpcC</c> has it: 1 for 4:2:0, 2 for 4:2:2, 3 for 4:4:4; 4:4:0 is 3 too, for nobody plays either.</param>
/// <param name="Color">Colour, as far as it is said.</param>
/// <param name="Width">In luma samples.</param>
/// <param name="Height">In luma samples.</param>
internal readonly record struct Vp9KeyFrame(int Profile, int BitDepth, int ChromaSubsampling, VideoColor Color, int Width, int Height)
{
    private const uint SyncCode = 0x498342;
    private const uint Rgb = 7;

    /// <summary>Largest pictures of each level (Annex A), with the level times ten.</summary>
    private static ReadOnlySpan<int> Levels =>
        [36864, 10, 73728, 11, 122880, 20, 245760, 21, 552960, 30, 983040, 31, 2228224, 41, 8912896, 51, 35651584, 61];

    /// <summary>Reads the header at the start of a frame; null when the frame is no keyframe.</summary>
    public static Vp9KeyFrame? TryParse(ReadOnlySpan<byte> frame)
    {
        var bits = new BitReader(frame);
        var marker = bits.ReadBits(2);
        var profile = (int)(bits.ReadBits(1) | (bits.ReadBits(1) << 1));
        bits.Skip(profile == 3 ? 1 : 0);
        var (showsExisting, isInter) = (bits.ReadFlag(), bits.ReadFlag());
        bits.Skip(2); // show_frame, error_resilient_mode
        if (marker != 2 || showsExisting || isInter || bits.ReadBits(24) != SyncCode)
        {
            return null;
        }

        var depth = profile < 2 ? 8 : bits.ReadFlag() ? 12 : 10;
        var space = bits.ReadBits(3);
        var (fullRange, chroma) = (space == Rgb || bits.ReadFlag(), 1);
        if (profile is 1 or 3)
        {
            var (halfWide, halfHigh) = space == Rgb ? (false, false) : (bits.ReadFlag(), bits.ReadFlag());
            bits.Skip(1);
            chroma = halfWide && !halfHigh ? 2 : 3;
        }

        var (width, height) = ((int)bits.ReadBits(16) + 1, (int)bits.ReadBits(16) + 1);
        return bits.Failed ? null : new Vp9KeyFrame(profile, depth, chroma, ColorOf(space, fullRange), width, height);
    }

    /// <summary>Body of the <c>vpcC</c> box (VP Codec ISO Media File Format Binding section 3): the least level that has room for the pictures.</summary>
    public byte[] ToConfiguration()
    {
        var w = new SpanWriter(12);
        w.WriteUInt32(1 << 24); // version 1, flags 0
        w.WriteUInt8((byte)Profile);
        w.WriteUInt8(Level());
        w.WriteUInt8((byte)((BitDepth << 4) | (ChromaSubsampling << 1) | (Color.FullRange ? 1 : 0)));
        w.WriteUInt8((byte)Color.Primaries);
        w.WriteUInt8((byte)Color.Transfer);
        w.WriteUInt8((byte)Color.Matrix);
        w.WriteUInt16(0);
        return w.ToArray();
    }

    private static VideoColor ColorOf(uint space, bool fullRange) => space switch
    {
        1 => new VideoColor(6, 6, 6, fullRange),
        2 => new VideoColor(1, 1, 1, fullRange),
        5 => new VideoColor(9, 2, 9, fullRange),
        _ => new VideoColor(2, 2, 2, fullRange),
    };

    private byte Level()
    {
        for (var i = 0; i < Levels.Length; i += 2)
        {
            if ((long)Width * Height <= Levels[i])
            {
                return (byte)Levels[i + 1];
            }
        }

        return (byte)Levels[^1];
    }
}
