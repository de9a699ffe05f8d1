using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff.Boxes;
using Sluice.Server.Processes;

namespace Sluice.Server.Probe;

/// <summary>Makes <see cref="StreamFacts"/> of ffprobe's answer.</summary>
internal static class StreamReading
{
    private const int LongestText = 200;
    private const int MostPixels = 1 << 16;

    /// <summary>Codecs of still pictures.</summary>
    private static readonly string[] StillCodecs = ["mjpeg", "png", "gif", "bmp", "webp", "tiff", "jpeg2000", "apng"];

    private static readonly string[] ImageSubtitles = [DrawableSubtitles.Pgs, DrawableSubtitles.Dvd, DrawableSubtitles.Dvb, "xsub"];

    private static readonly string[] NoLanguage = ["und", "mul", "mis", "zxx"];

    /// <summary>The facts of one stream, before its end is measured.</summary>
    public static StreamFacts Read(FfprobeStream s)
    {
        var codec = s.CodecName is { } name && name != "unknown" ? name : "";
        var (depth, chroma) = FfprobeText.PixelFormat(s.PixFmt ?? "");
        var (rate, variable) = FrameRates.Choose(FfprobeText.Fraction(s.RFrameRate), FfprobeText.Fraction(s.AvgFrameRate));
        var kind = s.CodecType switch
        {
            "video" => StreamKind.Video,
            "audio" => StreamKind.Audio,
            "subtitle" => StreamKind.Text,
            _ => StreamKind.Other,
        };
        return new StreamFacts
        {
            Index = s.Index,
            Id = FfprobeText.Whole(s.Id),
            Kind = kind,
            Codec = codec,
            Profile = s.Profile is { } profile && profile != "unknown" && FfprobeText.Whole(profile) is null ? profile : "",
            PixelFormat = s.PixFmt ?? "",
            BitDepth = depth,
            ChromaFormat = chroma,
            Width = Math.Clamp(s.Width, 0, MostPixels),
            Height = Math.Clamp(s.Height, 0, MostPixels),
            SampleAspectRatio = FfprobeText.Fraction(s.SampleAspectRatio) ?? new Rational(1, 1),
            Rotation = FfprobeText.Rotation(s),
            IsInterlaced = s.FieldOrder is "tt" or "bb" or "tb" or "bt",
            FrameRate = kind == StreamKind.Video ? rate : null,
            IsVariableRate = kind == StreamKind.Video && variable,
            ReorderedFrames = Math.Max(0, s.HasBFrames),
            Color = new StreamColor(Known(s.ColorPrimaries), Known(s.ColorTransfer), Known(s.ColorSpace), Known(s.ColorRange)),
            SampleRate = FfprobeText.Whole(s.SampleRate) is > 0 and <= 1_000_000 and { } hertz ? (int)hertz : 0,
            Channels = Math.Clamp(s.Channels, 0, 255),
            StartSeconds = FfprobeText.Seconds(s.StartTime) ?? 0,
            Language = LanguageOf(s),
            Title = (s.Tag("title") ?? s.Tag("handler_name")) is { } title && !HandlerBox.IsStockName(title) ? title[..Math.Min(title.Length, LongestText)] : null,
            IsDefault = s.Is("default"),
            IsForced = s.Is("forced"),
            IsCover = s.Is("attached_pic") || s.Is("timed_thumbnails"),
            IsImageText = ImageSubtitles.Contains(codec),
            IsEncrypted = (s.SideDataList ?? []).Any(d => d.TryGetValue("side_data_type", out var type)
                && type.ValueKind == System.Text.Json.JsonValueKind.String
                && type.GetString()!.StartsWith("Encryption", StringComparison.Ordinal)),
            IsDecodable = FfmpegGuard.MayDecode(codec),
        };
    }

    /// <summary>A stream of a still-picture codec with one packet, beside sound, is a cover, whatever the file calls it.</summary>
    public static bool IsCover(StreamFacts stream, long packets, bool besideSound) =>
        stream.IsCover || (stream.Kind == StreamKind.Video && besideSound && packets <= 1 && StillCodecs.Contains(stream.Codec));

    private static string? LanguageOf(FfprobeStream s) =>
        s.Tag("language") is { Length: >= 2 and <= 35 } tag && tag.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        && !NoLanguage.Contains(tag, StringComparer.OrdinalIgnoreCase)
            ? Languages.ToBcp47(tag.Length == 3 ? tag.ToLowerInvariant() : tag)
            : null;

    private static string Known(string? value) => value is null or "unknown" or "reserved" or "unspecified" ? "" : value;
}
