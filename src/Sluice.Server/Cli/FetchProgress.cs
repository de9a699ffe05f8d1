using System.Text.Json;

namespace Sluice.Server.Cli;

/// <summary>How far a server is with a file that it fetches (docs/imports.md).</summary>
/// <param name="Id">Its name.</param>
/// <param name="State"><c>queued</c>, <c>running</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Name">What to call it, without secrets.</param>
/// <param name="Bytes">Bytes that have come.</param>
/// <param name="TotalBytes">Bytes that there are; null while that is not known.</param>
/// <param name="Reason">Why it failed or what it waits for; null when all is well.</param>
/// <param name="MediaId">The title that it became; null until then.</param>
internal sealed record FetchProgress(string Id, string State, string Name, long Bytes, long? TotalBytes, string? Reason, string? MediaId)
{
    /// <summary>Done, failed or called off.</summary>
    public bool IsOver => State is not ("queued" or "running");

    /// <summary>Reads the answer of <c>/api/v1/imports</c>.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static FetchProgress Parse(JsonElement import) => new(
        Text(import, "id") ?? throw new JsonException("no id"),
        Text(import, "state") ?? throw new JsonException("no state"),
        Text(import, "title") ?? Text(import, "fileName") ?? Text(import, "source") ?? "",
        Number(import, "bytes") ?? 0,
        Number(import, "totalBytes"),
        Text(import, "reason"),
        Text(import, "mediaId"));

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
}
