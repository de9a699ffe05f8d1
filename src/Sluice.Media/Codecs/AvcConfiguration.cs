using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>AVCDecoderConfigurationRecord <c>avcC</c> (ISO/IEC 14496-15 section 5.3.3).</summary>
internal static class AvcConfiguration
{
    public static SampleDescription Apply(SampleDescription description, SampleEntryLayout layout)
    {
        var body = layout.Find("avcC");
        if (body.IsEmpty)
        {
            return description with { Problem = "its H.264 configuration (avcC) is missing" };
        }

        var reader = new SpanReader(body);
        var version = reader.ReadUInt8();
        var profile = reader.ReadUInt8();
        var constraints = reader.ReadUInt8();
        var level = reader.ReadUInt8();
        var lengthSize = (reader.ReadUInt8() & 3) + 1;
        var sequenceSets = ReadSets(ref reader, reader.ReadUInt8() & 0x1F);
        var pictureSets = ReadSets(ref reader, reader.ReadUInt8());
        if (reader.Failed || version != 1 || lengthSize == 3)
        {
            return description with { Problem = "its H.264 configuration (avcC) is damaged" };
        }

        // Parameter sets only in the samples is what the name avc3 promises; with them in the entry it is an avc1.
        var inBandOnly = sequenceSets.Count == 0 || pictureSets.Count == 0;
        var name = inBandOnly && description.OriginalFormat is var f && (f == "avc3" || f == "avc4") ? "avc3" : "avc1";
        description = description with
        {
            Configuration = body.ToArray(),
            Codecs = string.Create(CultureInfo.InvariantCulture, $"{name}.{profile:X2}{constraints:X2}{level:X2}"),
            Profile = ProfileName(profile, constraints),
            Level = LevelName(level, profile, constraints),
            NalLengthSize = lengthSize,
            SequenceParameterSets = sequenceSets,
            PictureParameterSets = pictureSets,
            Problem = inBandOnly && name == "avc1" ? "its H.264 configuration (avcC) has no parameter sets" : null,
        };
        if (sequenceSets.Count == 0)
        {
            return description;
        }

        return AvcSequenceParameterSet.TryParse(sequenceSets[0], out var sps)
            ? Apply(description, sps)
            : description with { Problem = description.Problem ?? "its H.264 sequence parameter set is damaged" };
    }

    private static SampleDescription Apply(SampleDescription description, AvcSequenceParameterSet sps) => description with
    {
        CodedWidth = sps.Width,
        CodedHeight = sps.Height,
        BitDepth = sps.BitDepth,
        ChromaFormat = sps.ChromaFormat,
        IsInterlaced = !sps.FrameMbsOnly,
        Color = sps.Vui.Color,
        SampleAspectRatio = sps.Vui.SampleAspectRatio ?? description.SampleAspectRatio,
    };

    private static List<byte[]> ReadSets(ref SpanReader reader, int count)
    {
        var sets = new List<byte[]>();
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var set = reader.ReadBytes(reader.ReadUInt16());
            if (!set.IsEmpty)
            {
                sets.Add(set.ToArray());
            }
        }

        return sets;
    }

    private static string ProfileName(int profile, int constraints) => profile switch
    {
        66 => (constraints & 0x40) != 0 ? "Constrained Baseline" : "Baseline",
        77 => "Main",
        88 => "Extended",
        100 => "High",
        110 => (constraints & 0x10) != 0 ? "High 10 Intra" : "High 10",
        122 => (constraints & 0x10) != 0 ? "High 4:2:2 Intra" : "High 4:2:2",
        244 => (constraints & 0x10) != 0 ? "High 4:4:4 Intra" : "High 4:4:4 Predictive",
        44 => "CAVLC 4:4:4 Intra",
        83 or 86 => "Scalable",
        118 or 128 => "Multiview High",
        _ => string.Create(CultureInfo.InvariantCulture, $"profile {profile}"),
    };

    /// <summary>Level 1b is level 11 with constraint_set3 in the profiles without their own number for it (A.3.1).</summary>
    private static string LevelName(int level, int profile, int constraints) =>
        level == 9 || (level == 11 && profile is 66 or 77 or 88 && (constraints & 0x10) != 0)
            ? "1b"
            : string.Create(CultureInfo.InvariantCulture, $"{level / 10}.{level % 10}");
}
