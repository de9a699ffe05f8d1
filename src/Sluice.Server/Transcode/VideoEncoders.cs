using System.Globalization;
using Sluice.Server.Hosting;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>The options of each encoder that make chunks joinable: closed groups of pictures that begin where they are
/// told to and nowhere else, and the same decoder configuration in every run.</summary>
internal static class VideoEncoders
{
    /// <summary>Far enough for any chunk, where only the places that are told make key frames.</summary>
    private const int NeverByItself = 10000;

    /// <summary>ffmpeg's name of the encoder for a codec: the configured hardware encoder, else the software one.</summary>
    public static string NameOf(string codec, string? hardware) => hardware ?? codec switch
    {
        "hevc" => "libx265",
        "av1" => "libsvtav1",
        _ => "libx264",
    };

    /// <summary>The preset as the encoder calls it: SVT-AV1 knows numbers only.</summary>
    public static string PresetOf(string encoder, string configured) => encoder == "libsvtav1" && !int.TryParse(configured, out _) ? "10" : configured;

    /// <summary>Why this ffmpeg cannot encode as configured, and what to do; null when it can.</summary>
    public static string? ProblemOf(TranscodeOptions options, FfmpegFacts facts)
    {
        var name = NameOf(options.Codec, options.Encoder);
        return facts.Encoders.Contains(name) ? null
            : options.Encoder is null ? $"this ffmpeg was built without {name}, which transcode.codec {options.Codec} needs; install Debian's ffmpeg, or choose another codec"
            : $"this ffmpeg has no encoder {name} (transcode.encoder); `ffmpeg -encoders` lists those that it has";
    }

    /// <summary>Options before the inputs: the device of encoders that read pictures from a graphics card's memory alone.</summary>
    public static IReadOnlyList<string> Device(VideoPlan? plan) =>
        NeedsUpload(plan) ? ["-init_hw_device", "vaapi=card", "-filter_hw_device", "card"] : [];

    /// <summary>Filters behind all others, with a comma in front: they take the picture to where the encoder reads it.</summary>
    public static string Upload(VideoPlan? plan) => NeedsUpload(plan) ? ",format=nv12,hwupload" : "";

    /// <summary>Options with their values; the stream is named by who asks.</summary>
    public static IEnumerable<(string Name, string Value)> Options(VideoPlan plan, Rung rung, int threads)
    {
        var kilobits = rung.MaxKilobits.ToString(CultureInfo.InvariantCulture);
        var quality = rung.Quality.ToString(CultureInfo.InvariantCulture);
        var group = (plan.ChunkFrames > 0 ? plan.ChunkFrames : NeverByItself).ToString(CultureInfo.InvariantCulture);
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
            "libsvtav1" =>
            [
                ("-preset", plan.Preset), ("-crf", quality), ("-g", group),
                ("-svtav1-params", $"scd=0:irefresh-type=2:mbr={kilobits}" + (threads > 0 ? string.Create(CultureInfo.InvariantCulture, $":lp={threads}") : "")),
            ],
            // A hardware encoder knows no constant rate factor in common; the rate is what all of them take.
            _ => [("-b", kilobits + "k"), ("-maxrate", kilobits + "k"), ("-bufsize", kilobits + "k"), ("-bf", "0"), ("-g", group), .. ForcedIdr(plan.Encoder)],
        };
        return threads > 0 ? options.Append(("-threads", threads.ToString(CultureInfo.InvariantCulture))) : options;
    }

    /// <summary>A key frame that is told must be one that decoding may begin at: some encoders make a mere I-frame of it.</summary>
    private static IEnumerable<(string, string)> ForcedIdr(string encoder) =>
        encoder.EndsWith("_nvenc", StringComparison.Ordinal) ? [("-forced-idr", "1"), ("-no-scenecut", "1")]
        : encoder.EndsWith("_qsv", StringComparison.Ordinal) ? [("-forced_idr", "1")]
        : [];

    private static bool NeedsUpload(VideoPlan? plan) => plan?.Encoder.EndsWith("_vaapi", StringComparison.Ordinal) == true;
}
