using System.Numerics;
using System.Text;
using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>HEVCDecoderConfigurationRecord <c>hvcC</c> (ISO/IEC 14496-15 section 8.3.3).</summary>
internal static class HevcConfiguration
{
    private const int VideoSet = 32;
    private const int SequenceSet = 33;
    private const int PictureSet = 34;

    public static SampleDescription Apply(SampleDescription description, SampleEntryLayout layout)
    {
        var body = layout.Find("hvcC");
        if (body.IsEmpty)
        {
            return description with { Problem = "its HEVC configuration (hvcC) is missing" };
        }

        var reader = new SpanReader(body);
        reader.Skip(1); // configurationVersion: 0 in files from before the standard was final
        var space = reader.ReadUInt8();
        var compatibility = reader.ReadUInt32();
        var constraints = reader.ReadBytes(6);
        var level = reader.ReadUInt8();
        reader.Skip(3);
        var chroma = reader.ReadUInt8() & 3;
        var depth = 8 + (reader.ReadUInt8() & 7);
        reader.Skip(3);
        var lengthSize = (reader.ReadUInt8() & 3) + 1;
        List<byte[]> video = [], sequence = [], picture = [];
        ReadArrays(ref reader, video, sequence, picture);
        if (reader.Failed || lengthSize == 3)
        {
            return description with { Problem = "its HEVC configuration (hvcC) is damaged" };
        }

        var complete = video.Count > 0 && sequence.Count > 0 && picture.Count > 0;
        var promised = description.OriginalFormat is var f && (f == "hvc1" || f == "hvc2");
        description = description with
        {
            Configuration = body.ToArray(),
            Codecs = CodecString(complete || promised ? "hvc1" : "hev1", space, compatibility, constraints, level),
            Profile = ProfileName(space & 0x1F, compatibility),
            Level = LevelName(level),
            ChromaFormat = chroma,
            BitDepth = depth,
            NalLengthSize = lengthSize,
            VideoParameterSets = video,
            SequenceParameterSets = sequence,
            PictureParameterSets = picture,
            IsInterlaced = IsInterlacedSource(constraints[0]),
            Problem = promised && !complete ? "its HEVC configuration (hvcC) has no parameter sets"
                : IsBareDolbyVision(layout) ? "it is Dolby Vision without a base layer that other players can show"
                : null,
        };
        if (sequence.Count == 0)
        {
            return description;
        }

        return HevcSequenceParameterSet.TryParse(sequence[0], out var sps)
            ? Apply(description, sps)
            : description with { Problem = description.Problem ?? "its HEVC sequence parameter set is damaged" };
    }

    private static SampleDescription Apply(SampleDescription description, HevcSequenceParameterSet sps) => description with
    {
        CodedWidth = sps.Width,
        CodedHeight = sps.Height,
        BitDepth = sps.BitDepth,
        ChromaFormat = sps.ChromaFormat,
        IsInterlaced = description.IsInterlaced || sps.IsFieldSequence,
        Color = sps.Vui.Color,
        SampleAspectRatio = sps.Vui.SampleAspectRatio ?? description.SampleAspectRatio,
    };

    private static void ReadArrays(ref SpanReader reader, List<byte[]> video, List<byte[]> sequence, List<byte[]> picture)
    {
        var arrays = reader.ReadUInt8();
        for (var i = 0; i < arrays && !reader.Failed; i++)
        {
            var type = reader.ReadUInt8() & 0x3F;
            var count = reader.ReadUInt16();
            for (var j = 0; j < count && !reader.Failed; j++)
            {
                var nal = reader.ReadBytes(reader.ReadUInt16());
                var target = type switch { VideoSet => video, SequenceSet => sequence, PictureSet => picture, _ => null };
                if (!nal.IsEmpty)
                {
                    target?.Add(nal.ToArray());
                }
            }
        }
    }

    /// <summary>ISO/IEC 14496-15 annex E.3: space and profile, compatibility flags in reverse bit order, tier and level,
    /// constraint bytes without their trailing zeros.</summary>
    private static string CodecString(
        string name, byte space, uint compatibility, ReadOnlySpan<byte> constraints, byte level)
    {
        var text = new StringBuilder(name).Append('.');
        if (space >> 6 is > 0 and var letter)
        {
            text.Append((char)('A' + letter - 1));
        }

        text.Append(CultureInfo.InvariantCulture, $"{space & 0x1F}.{ReverseBits(compatibility):X}.");
        text.Append(CultureInfo.InvariantCulture, $"{((space & 0x20) != 0 ? 'H' : 'L')}{level}");
        foreach (var constraint in constraints.TrimEnd((byte)0))
        {
            text.Append(CultureInfo.InvariantCulture, $".{constraint:X}");
        }

        return text.ToString();
    }

    private static uint ReverseBits(uint value)
    {
        uint reversed = 0;
        for (; value != 0; value &= value - 1)
        {
            reversed |= 0x8000_0000u >> BitOperations.TrailingZeroCount(value);
        }

        return reversed;
    }

    /// <summary>general_progressive_source_flag 0 with general_interlaced_source_flag 1 (H.265 section 7.4.4).</summary>
    private static bool IsInterlacedSource(byte firstConstraint) => (firstConstraint & 0xC0) == 0x40;

    /// <summary>Dolby Vision profile 5 and 4: the base layer alone shows wrong colours.</summary>
    private static bool IsBareDolbyVision(SampleEntryLayout layout) =>
        layout.Find("dvcC") is [_, _, var first, ..] && first >> 1 is 4 or 5;

    private static string ProfileName(int profile, uint compatibility) => profile switch
    {
        1 => "Main",
        2 => "Main 10",
        3 => "Main Still Picture",
        4 => "Range Extensions",
        5 => "High Throughput",
        6 => "Multiview Main",
        7 => "Scalable Main",
        8 => "3D Main",
        9 => "Screen Content",
        0 when (compatibility & 0x6000_0000) != 0 => "Main",
        _ => string.Create(CultureInfo.InvariantCulture, $"profile {profile}"),
    };

    private static string LevelName(int level) =>
        level % 30 == 0
            ? (level / 30).ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{level / 30}.{level % 30 / 3}");
}
