using Sluice.Media.Binary;
using Sluice.Media.Cmaf;

namespace Sluice.Media.Codecs;

/// <summary>The head of vui_parameters(), which H.264 (E.1.1) and H.265 (E.2.1) share: shape and colour.</summary>
/// <param name="SampleAspectRatio">Null when not said.</param>
/// <param name="Color">Colour description.</param>
internal readonly record struct VideoUsability(Rational? SampleAspectRatio, VideoColor Color)
{
    private const int ExtendedRatio = 255;

    public static VideoUsability None { get; } = new(null, VideoColor.Unspecified);

    /// <summary>Reads up to and with chroma_loc_info.</summary>
    public static VideoUsability Read(ref BitReader bits)
    {
        Rational? ratio = null;
        if (bits.ReadFlag())
        {
            var index = (int)bits.ReadBits(8);
            long width = index == ExtendedRatio ? bits.ReadBits(16) : index < Ratios.Length / 2 ? Ratios[2 * index] : 0;
            long height = index == ExtendedRatio ? bits.ReadBits(16) : index < Ratios.Length / 2 ? Ratios[(2 * index) + 1] : 0;
            ratio = width > 0 && height > 0 ? new Rational(width, height).Reduced() : null;
        }

        if (bits.ReadFlag()) // overscan_info_present_flag
        {
            bits.Skip(1);
        }

        var color = VideoColor.Unspecified;
        if (bits.ReadFlag()) // video_signal_type_present_flag
        {
            bits.Skip(3);
            color = color with { FullRange = bits.ReadFlag() };
            if (bits.ReadFlag())
            {
                color = new VideoColor(
                    (int)bits.ReadBits(8), (int)bits.ReadBits(8), (int)bits.ReadBits(8), color.FullRange);
            }
        }

        if (bits.ReadFlag()) // chroma_loc_info_present_flag
        {
            bits.ReadUnsignedExpGolomb();
            bits.ReadUnsignedExpGolomb();
        }

        return bits.Failed ? None : new VideoUsability(ratio, color);
    }

    /// <summary>Table E-1, aspect_ratio_idc 0 to 16, as pairs.</summary>
    private static ReadOnlySpan<byte> Ratios =>
    [
        0, 0, 1, 1, 12, 11, 10, 11, 16, 11, 40, 33, 24, 11, 20, 11, 32, 11, 80, 33, 18, 11, 15, 11, 64, 33, 160, 99,
        4, 3, 3, 2, 2, 1,
    ];
}
