namespace Sluice.Media.Hls;

/// <summary>Families of the codec strings of RFC 6381 that CODECS has.</summary>
internal static class HlsCodecs
{
    private static readonly string[] Avc = ["avc1", "avc3"];
    private static readonly string[] Hevc = ["hvc1", "hev1", "dvh1", "dvhe"];
    private static readonly string[] Other = ["av01", "vp09", "vp08", "mp4v", "dva1", "dvav", "dav1"];

    public static bool IsVideo(string codec) => IsAvc(codec) || IsHevc(codec) || Begins(codec, Other);

    public static bool IsAvc(string codec) => Begins(codec, Avc);

    public static bool IsHevc(string codec) => Begins(codec, Hevc);

    private static bool Begins(string codec, string[] names) =>
        names.Any(name => codec.StartsWith(name, StringComparison.OrdinalIgnoreCase));
}
