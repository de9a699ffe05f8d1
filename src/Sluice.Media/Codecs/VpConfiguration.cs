using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>VPCodecConfigurationRecord <c>vpcC</c> (VP Codec ISO Media File Format Binding section 3).</summary>
internal static class VpConfiguration
{
    public static SampleDescription Apply(SampleDescription description, SampleEntryLayout layout)
    {
        var body = layout.Find("vpcC");
        if (body.IsEmpty)
        {
            return description with { Problem = "its VP9 configuration (vpcC) is missing" };
        }

        var reader = new SpanReader(body);
        var version = reader.ReadUInt8();
        reader.Skip(3);
        var profile = reader.ReadUInt8();
        var level = reader.ReadUInt8();
        var shape = reader.ReadUInt8();
        int depth = shape >> 4, chroma = (shape >> 1) & 7;
        var color = new VideoColor(reader.ReadUInt8(), reader.ReadUInt8(), reader.ReadUInt8(), (shape & 1) != 0);
        if (reader.Failed || version != 1 || profile > 3 || depth is not (8 or 10 or 12) || chroma > 3)
        {
            return description with { Problem = "its VP9 configuration (vpcC) is damaged or of an early draft" };
        }

        return description with
        {
            Configuration = body.ToArray(),
            Codecs = string.Create(
                CultureInfo.InvariantCulture,
                $"{description.OriginalFormat}.{profile:D2}.{level:D2}.{depth:D2}.{chroma:D2}")
                + Optional(color),
            Profile = string.Create(CultureInfo.InvariantCulture, $"Profile {profile}"),
            Level = string.Create(CultureInfo.InvariantCulture, $"{level / 10}.{level % 10}"),
            BitDepth = depth,
            ChromaFormat = Math.Max(1, chroma), // 0 and 1 are both 4:2:0, with the chroma at different places
            Color = color,
        };
    }

    private static string Optional(VideoColor color) => string.Create(
        CultureInfo.InvariantCulture,
        $".{color.Primaries:D2}.{color.Transfer:D2}.{color.Matrix:D2}.{(color.FullRange ? 1 : 0):D2}");
}
