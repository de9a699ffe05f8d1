using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Media.Cmaf;

/// <summary>A summary as it stands in an index: compact JSON, so that a person can read it with any tool.</summary>
public static class TrackSummaryJson
{
    /// <summary>The summary as UTF-8 JSON.</summary>
    public static byte[] Write(TrackSummary summary) =>
        JsonSerializer.SerializeToUtf8Bytes(summary, TrackSummaryContext.Default.TrackSummary);

    /// <summary>Null when the bytes are no summary.</summary>
    public static TrackSummary? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, TrackSummaryContext.Default.TrackSummary);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Generated serialisation: no reflection at run time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(TrackSummary))]
internal sealed partial class TrackSummaryContext : JsonSerializerContext;
