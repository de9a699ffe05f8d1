using System.Text.Json;
using Sluice.Server.Outbound;

namespace Sluice.Server.Resolve;

/// <summary>
/// What a program printed about an HLS stream: a line that is a URL and one of headers (yt-dlp), or the JSON of streamlink:
/// <code>
/// https://…/all.m3u8                       {"streams": {"best": {"type": "hls", "url": "…/720p.m3u8", "master": "…/all.m3u8",
/// {"Referer": "…", "User-Agent": "…"}                            "headers": {"Referer": "…"}}, …}}
///                                          {"error": "No playable streams found …"}
/// </code>
/// Where a multivariant playlist is known, it is that: which variant is taken is for the channel to say.
/// </summary>
/// <param name="Url">Where the playlist is.</param>
/// <param name="Headers">What it is to be asked with: only such as a page sends that shows a stream.</param>
internal sealed record StreamAnswer(OutboundUrl Url, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    private const int MostDepth = 16;
    private const int LongestHeader = 4096;

    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = MostDepth };

    private static readonly string[] Taken = ["Referer", "Origin", "Cookie"];

    /// <summary>Reads an answer; null when it names no playlist that may be asked for.</summary>
    public static StreamAnswer? Read(string output)
    {
        if (output.TrimStart().StartsWith('{'))
        {
            return Parse(output) is { } json && Property(Property(json, "streams"), "best") is { } best && TextOf(best, "type") == "hls"
                ? Of(TextOf(best, "master") ?? TextOf(best, "url"), Property(best, "headers"))
                : null;
        }

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var headers = lines.FirstOrDefault(static line => line.StartsWith('{'));
        return lines.Select(line => Of(line, headers is null ? null : Parse(headers))).FirstOrDefault(static answer => answer is not null);
    }

    /// <summary>The sentence with which streamlink says no; null when there is none.</summary>
    public static string? ErrorOf(string output) => TextOf(Parse(output), "error");

    private static StreamAnswer? Of(string? address, JsonElement? headers) =>
        OutboundUrl.TryParse(address, out var url) ? new StreamAnswer(url, HeadersOf(headers)) : null;

    private static List<KeyValuePair<string, string>> HeadersOf(JsonElement? headers)
    {
        var taken = new List<KeyValuePair<string, string>>();
        foreach (var name in Taken)
        {
            if (TextOf(headers, name) is { Length: > 0 and <= LongestHeader } value && !value.Any(char.IsControl))
            {
                taken.Add(KeyValuePair.Create(name, value));
            }
        }

        return taken;
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text, Bounded);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Property(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } known && known.TryGetProperty(name, out var value) ? value : null;

    private static string? TextOf(JsonElement? of, string name) =>
        Property(of, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
