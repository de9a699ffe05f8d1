using System.Text.Json;

namespace Sluice.Server.Cli;

/// <summary>What a server said of a title that it took.</summary>
/// <param name="Id">Its public name.</param>
/// <param name="Watch">Address of its watch page, with a token; null when it cannot be played.</param>
/// <param name="AdminKey">Key that changes and removes it, said only this once.</param>
/// <param name="Reason">Why it cannot be played; null when it can.</param>
internal sealed record PublishedMedia(string Id, string? Watch, string? AdminKey, string? Reason)
{
    /// <summary>Reads the answer of <c>POST /api/v1/media</c>.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static PublishedMedia Parse(JsonElement media) => new(
        Text(media, "id") ?? throw new JsonException("no id"),
        media.TryGetProperty("playback", out var playback) && playback.ValueKind == JsonValueKind.Object ? Text(playback, "watch") : null,
        Text(media, "adminKey"),
        Text(media, "reason"));

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
