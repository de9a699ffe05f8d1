namespace Sluice.Server.Probe;

/// <summary>What ffmpeg's formats are called by people, and how far their word on the length can be trusted.</summary>
internal static class ContainerNames
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["matroska,webm"] = "Matroska",
        ["mov,mp4,m4a,3gp,3g2,mj2"] = "MP4",
        ["mpegts"] = "MPEG-TS",
        ["mpeg"] = "MPEG-PS",
        ["mpegvideo"] = "MPEG video",
        ["avi"] = "AVI",
        ["flv"] = "FLV",
        ["live_flv"] = "FLV",
        ["asf"] = "Windows Media",
        ["ogg"] = "Ogg",
        ["wav"] = "WAV",
        ["w64"] = "Wave64",
        ["flac"] = "FLAC",
        ["mp3"] = "MP3",
        ["aac"] = "ADTS",
        ["loas"] = "LOAS",
        ["ac3"] = "AC-3",
        ["eac3"] = "E-AC-3",
        ["dts"] = "DTS",
        ["aiff"] = "AIFF",
        ["amr"] = "AMR",
        ["au"] = "AU",
        ["caf"] = "CAF",
        ["ape"] = "Monkey's Audio",
        ["tta"] = "TTA",
        ["wv"] = "WavPack",
        ["mxf"] = "MXF",
        ["dv"] = "DV",
        ["ivf"] = "IVF",
        ["rm"] = "RealMedia",
        ["nut"] = "NUT",
        ["h264"] = "bare H.264",
        ["hevc"] = "bare HEVC",
        ["obu"] = "bare AV1",
        ["m4v"] = "bare MPEG-4 video",
    };

    /// <summary>Their headers or indexes say how long they are, so that a file which is shorter was cut off.</summary>
    private static readonly string[] Promising =
        ["matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2", "avi", "flv", "asf", "wav", "w64", "flac", "aiff", "caf", "ape", "tta", "wv", "mxf"];

    /// <summary>Time in them is guessed from the bytes after a jump, or is not there at all: only a pass from the start knows it.</summary>
    private static readonly string[] Timeless =
        ["mp3", "aac", "loas", "ac3", "eac3", "dts", "dtshd", "truehd", "amr", "amrnb", "amrwb", "h261", "h263", "h264", "hevc", "vvc", "m4v", "mpegvideo", "vc1", "obu"];

    /// <summary>Parts of different clocks may be joined in it: its last time stamp less its first need not be its length.</summary>
    public static bool MayJump(string format) => format == "mpegts";

    /// <summary>Name in words.</summary>
    public static string NameOf(string format) => Names.GetValueOrDefault(format, format.Split(',')[0]);

    /// <summary>See <see cref="Promising"/>.</summary>
    public static bool Promises(string format) => Promising.Contains(format);

    /// <summary>See <see cref="Timeless"/>.</summary>
    public static bool IsTimeless(string format) => Timeless.Contains(format);
}
