namespace Sluice.Media.Codecs;

/// <summary>Apple ProRes: all that is known stands in the name of the entry.</summary>
internal static class ProRes
{
    public static SampleDescription Apply(SampleDescription description)
    {
        var (profile, chroma, depth) = description.OriginalFormat.ToString() switch
        {
            "apco" => ("422 Proxy", 2, 10),
            "apcs" => ("422 LT", 2, 10),
            "apcn" => ("422", 2, 10),
            "apch" => ("422 HQ", 2, 10),
            "ap4h" => ("4444", 3, 12),
            "ap4x" => ("4444 XQ", 3, 12),
            _ => ("RAW", 3, 12),
        };
        return description with { Profile = profile, ChromaFormat = chroma, BitDepth = depth };
    }
}
