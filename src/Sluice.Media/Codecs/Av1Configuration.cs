using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>AV1CodecConfigurationRecord <c>av1C</c> (AV1 in ISOBMFF section 2.3.3).</summary>
internal static class Av1Configuration
{
    public static SampleDescription Apply(SampleDescription description, SampleEntryLayout layout)
    {
        var body = layout.Find("av1C");
        if (body.IsEmpty)
        {
            return description with { Problem = "its AV1 configuration (av1C) is missing" };
        }

        var bits = new BitReader(body);
        var marker = bits.ReadBits(1);
        var version = bits.ReadBits(7);
        var profile = (int)bits.ReadBits(3);
        var level = (int)bits.ReadBits(5);
        var tier = bits.ReadFlag();
        var high = bits.ReadFlag();
        var twelve = bits.ReadFlag();
        var monochrome = bits.ReadFlag();
        var subsampledX = bits.ReadFlag();
        var subsampledY = bits.ReadFlag();
        var position = (int)bits.ReadBits(2);
        bits.Skip(8);
        if (bits.Failed || marker != 1 || version != 1 || profile > 2)
        {
            return description with { Problem = "its AV1 configuration (av1C) is damaged" };
        }

        var sequence = Av1SequenceHeader.Find(body[4..]);
        var color = sequence?.Color ?? VideoColor.Unspecified;
        var depth = !high ? 8 : twelve && profile == 2 ? 12 : 10;
        var chroma = monochrome ? 0 : subsampledY ? 1 : subsampledX ? 2 : 3;
        var shape = $"{Digit(subsampledX)}{Digit(subsampledY)}{(subsampledX && subsampledY ? position : 0)}";
        var codecs = string.Create(
            CultureInfo.InvariantCulture, $"av01.{profile}.{level:D2}{(tier ? 'H' : 'M')}.{depth:D2}");
        return description with
        {
            Configuration = body.ToArray(),
            Codecs = codecs + Optional(monochrome, shape, color),
            Profile = profile switch { 0 => "Main", 1 => "High", _ => "Professional" },
            Level = string.Create(CultureInfo.InvariantCulture, $"{2 + (level >> 2)}.{level & 3}"),
            BitDepth = depth,
            ChromaFormat = chroma,
            Color = color,
            CodedWidth = description.CodedWidth > 0 ? description.CodedWidth : sequence?.Width ?? 0,
            CodedHeight = description.CodedHeight > 0 ? description.CodedHeight : sequence?.Height ?? 0,
        };
    }

    private static char Digit(bool flag) => flag ? '1' : '0';

    /// <summary>
    /// The optional fields, all or none (section 5): none when they say what their absence says (4:2:0, BT.709, limited
    /// range) or leave the colour open, since then the short form is as true and more widely understood.
    /// </summary>
    private static string Optional(bool monochrome, string shape, VideoColor color)
    {
        var isDefault = !monochrome && shape == "110" && !color.FullRange
            && color.Primaries is 1 or 2 && color.Transfer is 1 or 2 && color.Matrix is 1 or 2;
        return isDefault
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $".{Digit(monochrome)}.{shape}.{color.Primaries:D2}.{color.Transfer:D2}.{color.Matrix:D2}.{Digit(color.FullRange)}");
    }
}
