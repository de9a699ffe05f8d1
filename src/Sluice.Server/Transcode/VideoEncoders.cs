using System.Globalization;

namespace Sluice.Server.Transcode;

/// <summary>The options of each encoder that make chunks joinable: closed groups of pictures that begin where they are
/// told to and nowhere else, and the same decoder configuration in every run.</summary>
internal static class VideoEncoders
{
    /// <summary>ffmpeg's name of the encoder for a codec: the configured hardware encoder, else the software one.</summary>
    public static string NameOf(string codec, string? hardware) => hardware ?? codec switch
    {
        "hevc" => "libx265",
        "av1" => "libsvtav1",
        _ => "libx264",
    };

    /// <summary>The preset as the encoder calls it: SVT-AV1 knows numbers only.</summary>
    public static string PresetOf(string encoder, string configured) => encoder == "libsvtav1" && !int.TryParse(configured, out _) ? "10" : configured;

    /// <summary>Options with their values; the stream is named by who asks.</summary>
    public static IEnumerable<(string Name, string Value)> Options(VideoPlan plan, Rung rung, int threads)
    {
        var kilobits = rung.MaxKilobits.ToString(CultureInfo.InvariantCulture);
        var quality = rung.Quality.ToString(CultureInfo.InvariantCulture);
        IEnumerable<(string, string)> options = plan.Encoder switch
        {
            "libx264" =>
            [
                ("-preset", plan.Preset), ("-profile", "high"), ("-crf", quality), ("-maxrate", kilobits + "k"), ("-bufsize", kilobits + "k"),
                ("-x264-params", "keyint=infinite:min-keyint=1:scenecut=0:open-gop=0" + (plan.Reorders ? "" : ":bframes=0")),
            ],
            "libx265" =>
            [
                ("-preset", plan.Preset), ("-crf", quality), ("-tag", "hvc1"),
                ("-x265-params", $"keyint=-1:min-keyint=1:scenecut=0:open-gop=0:repeat-headers=0:vbv-maxrate={kilobits}:vbv-bufsize={kilobits}:log-level=error"
                    + (plan.Reorders ? "" : ":bframes=0")
                    + (threads > 0 ? string.Create(CultureInfo.InvariantCulture, $":pools={threads}") : "")),
            ],
            "libsvtav1" => [("-preset", plan.Preset), ("-crf", quality), ("-svtav1-params", "scd=0:irefresh-type=2")],
            // A hardware encoder knows no constant rate factor in common; the rate is what all of them take.
            _ => [("-b", kilobits + "k"), ("-maxrate", kilobits + "k"), ("-bufsize", kilobits + "k"), ("-bf", "0")],
        };
        return threads > 0 ? options.Append(("-threads", threads.ToString(CultureInfo.InvariantCulture))) : options;
    }
}
