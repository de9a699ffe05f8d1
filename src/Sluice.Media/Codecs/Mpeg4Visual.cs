namespace Sluice.Media.Codecs;

/// <summary>MPEG-4 part 2 and whatever else an <c>mp4v</c> entry's <c>esds</c> names (ISO/IEC 14496-14 section 5.6).</summary>
internal static class Mpeg4Visual
{
    public static SampleDescription Apply(SampleDescription description, SampleEntryLayout layout)
    {
        if (!EsDescriptor.TryParse(layout.Find("esds"), out var es))
        {
            return description.OriginalFormat == "mp4v"
                ? description with { Problem = "its MPEG-4 configuration (esds) is missing or damaged" }
                : description;
        }

        // visual_object_sequence_start_code, then profile_and_level_indication (ISO/IEC 14496-2 section 6.2.2).
        var profile = es.Specific is [0, 0, 1, 0xB0, var p, ..] ? p : (byte)0;
        var codec = SampleFormat.CodecOf(es.ObjectType);
        return description with
        {
            Codec = codec,
            Problem = codec is CodecId.H264 or CodecId.Hevc ? "its parameter sets are missing from an mp4v entry" : null,
            ObjectType = es.ObjectType,
            Configuration = es.Specific.ToArray(),
            Codecs = es.ObjectType == 0x20 && profile != 0
                ? string.Create(CultureInfo.InvariantCulture, $"mp4v.20.{profile}")
                : string.Create(CultureInfo.InvariantCulture, $"mp4v.{es.ObjectType:X2}"),
            Profile = profile switch { >= 1 and <= 8 => "Simple", >= 0xF0 and <= 0xF8 => "Advanced Simple", _ => "" },
        };
    }
}
