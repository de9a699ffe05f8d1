using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Server.Probe;

/// <summary>What <c>ffprobe -of json</c> prints. Nothing of it is trusted: the file decides what stands here.</summary>
internal sealed record FfprobeAnswer(List<FfprobeStream>? Streams, FfprobeFormat? Format, List<FfprobeChapter?>? Chapters = null)
{
    /// <summary>Reads it; null when it is no such JSON.</summary>
    public static FfprobeAnswer? TryParse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, FfprobeJson.Default.FfprobeAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The part about the file.</summary>
internal sealed record FfprobeFormat(string? FormatName, string? StartTime, string? Duration, int ProbeScore);

/// <summary>The part about one chapter. Times are seconds.</summary>
internal sealed record FfprobeChapter(string? StartTime, string? EndTime, Dictionary<string, string>? Tags);

/// <summary>The part about one stream. Numbers are strings where ffprobe may have to say <c>N/A</c>.</summary>
internal sealed record FfprobeStream
{
    public int Index { get; init; }
    public string? Id { get; init; }
    public string? CodecType { get; init; }
    public string? CodecName { get; init; }
    public string? Profile { get; init; }
    public string? PixFmt { get; init; }
    public int Width { get; init; }
    public int Height { get; init; }
    public string? SampleAspectRatio { get; init; }
    public string? FieldOrder { get; init; }
    public int HasBFrames { get; init; }
    public string? RFrameRate { get; init; }
    public string? AvgFrameRate { get; init; }
    public string? ColorPrimaries { get; init; }
    public string? ColorTransfer { get; init; }
    public string? ColorSpace { get; init; }
    public string? ColorRange { get; init; }
    public string? SampleRate { get; init; }
    public int Channels { get; init; }
    public string? TimeBase { get; init; }
    public string? StartTime { get; init; }
    public string? NbFrames { get; init; }
    public string? NbReadPackets { get; init; }
    public Dictionary<string, int>? Disposition { get; init; }
    public Dictionary<string, string>? Tags { get; init; }
    public List<Dictionary<string, JsonElement>>? SideDataList { get; init; }

    /// <summary>The flag is set.</summary>
    public bool Is(string disposition) => Disposition?.GetValueOrDefault(disposition) == 1;

    /// <summary>The tag of this name, in whatever case; null when it is not there or empty.</summary>
    public string? Tag(string name) => Tags?
        .FirstOrDefault(t => t.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is { Length: > 0 } value ? value : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 16)]
[JsonSerializable(typeof(FfprobeAnswer))]
internal sealed partial class FfprobeJson : JsonSerializerContext;
