using System.Text.Json;

namespace Sluice.Server.Store;

/// <summary>The list of what is published: <see cref="PublishedName.Index"/>.</summary>
internal static class PublishedNames
{
    /// <summary>Of the list: some ten thousand names.</summary>
    private const int MostBytes = 4 << 20;

    /// <summary>Reads it; empty when nothing was published yet.</summary>
    /// <exception cref="PublishedFileException">It cannot be had, or is no list.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(IPublishedFiles files, CancellationToken ct)
    {
        using var file = await files.OpenAsync(PublishedName.Index, ct);
        if (file is null)
        {
            return [];
        }

        if (file.Body.Length > MostBytes)
        {
            throw new PublishedFileException("The list of what is published is too long.");
        }

        var bytes = new byte[file.Body.Length];
        for (var at = 0; at < bytes.Length;)
        {
            var count = await file.Body.ReadAsync(at, bytes.AsMemory(at), ct);
            at += count > 0 ? count : throw new PublishedFileException("The list of what is published ends early.");
        }

        return Parse(bytes);
    }

    private static List<string> Parse(byte[] bytes)
    {
        try
        {
            using var list = JsonDocument.Parse(bytes);
            return [.. list.RootElement.EnumerateArray().Select(static name => name.GetString()).OfType<string>()];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new PublishedFileException("The list of what is published is no JSON array of names.", e);
        }
    }
}
