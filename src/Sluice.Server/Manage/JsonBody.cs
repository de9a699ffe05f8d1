using System.Text.Json;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Ingest;

namespace Sluice.Server.Manage;

/// <summary>Reads small JSON objects of requests by hand: absent and null are two things here, and each mistake has
/// its own words.</summary>
internal static class JsonBody
{
    /// <summary>What names subtitles, for the reader of a refusal.</summary>
    public const string TrackRule = "Send a JSON object with `track`: the number of a track from 0, a language tag, or null.";

    /// <summary>What a torrent's file is named by, for the reader of a refusal.</summary>
    public const string FileRule = "`file` is the number of a file in the torrent, from 0.";

    /// <summary>Whose pages may play a title, for the reader of a refusal.</summary>
    public static readonly string OriginsRule = $"`allowedOrigins` is null or a list of at most {OriginList.Most}: {OriginList.Rule}.";

    private const int LongestBody = 64 * 1024;

    /// <summary>The body as an object; null when it is none. An empty body is an empty object.</summary>
    public static async Task<JsonElement?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        var buffer = new byte[LongestBody];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
        if (length == LongestBody)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(length == 0 ? "{}"u8.ToArray() : buffer.AsMemory(0, length));
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads <c>track</c>, which names subtitles: a number, a language, or null.</summary>
    /// <returns>False when it is not there, or nothing of these.</returns>
    public static bool TryTrack(JsonElement body, out string? track)
    {
        track = null;
        if (!body.TryGetProperty("track", out var value))
        {
            return false;
        }

        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString(),
            _ => null,
        };
        return value.ValueKind == JsonValueKind.Null || (UploadFields.TryBurn(text, out track) && track is not null);
    }

    /// <summary>Reads <c>file</c>, which names one of a torrent.</summary>
    /// <returns>False when it is there but neither null nor a number from 0.</returns>
    public static bool TryFile(JsonElement body, out int? file)
    {
        file = null;
        if (!body.TryGetProperty("file", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number) || number < 0)
        {
            return false;
        }

        file = number;
        return true;
    }

    /// <summary>Reads <c>allowedOrigins</c>.</summary>
    /// <returns>False when it is there but neither null nor a list of origins.</returns>
    public static bool TryOrigins(JsonElement body, out bool given, out OriginList? origins)
    {
        origins = null;
        given = body.TryGetProperty("allowedOrigins", out var value);
        if (!given || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= OriginList.Most
            && value.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String)
            && OriginList.TryParse([.. value.EnumerateArray().Select(entry => entry.GetString()!)], out origins);
    }

    /// <summary>Reads <c>encryption</c>.</summary>
    /// <returns>False when it is there but neither null nor one that there is.</returns>
    public static bool TryEncryption(JsonElement body, out bool given, out bool isEncrypted)
    {
        isEncrypted = false;
        given = body.TryGetProperty("encryption", out var value);
        isEncrypted = given && value.ValueKind == JsonValueKind.String && value.GetString() == SegmentSecret.Method;
        return !given || isEncrypted || value.ValueKind == JsonValueKind.Null;
    }

    /// <summary>Reads <c>downloads</c>.</summary>
    /// <returns>False when it is there but neither null nor true or false.</returns>
    public static bool TryDownloads(JsonElement body, out bool given, out bool? downloads)
    {
        given = body.TryGetProperty("downloads", out var value);
        downloads = given && value.ValueKind is (JsonValueKind.True or JsonValueKind.False) ? value.GetBoolean() : null;
        return !given || value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null;
    }

    /// <summary>Reads <c>boundTo</c>: whom a link is for, by address.</summary>
    /// <returns>False when it is there but neither null nor an address or network.</returns>
    public static bool TryBinding(JsonElement body, out AddressRange? range)
    {
        range = null;
        if (!body.TryGetProperty("boundTo", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.String || !AddressRange.TryParse(value.GetString(), out var read))
        {
            return false;
        }

        range = read;
        return true;
    }

    /// <summary>Reads <c>maxViews</c>.</summary>
    /// <returns>False when it is there but neither null nor a number in bounds.</returns>
    public static bool TryViews(JsonElement body, out int? views)
    {
        views = null;
        if (!body.TryGetProperty("maxViews", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number) || number is < 1 or > PlaybackToken.MostViews)
        {
            return false;
        }

        views = number;
        return true;
    }

    /// <summary>Reads <c>expiresInMinutes</c>.</summary>
    /// <returns>False when it is there but neither null nor a number in bounds.</returns>
    public static bool TryMinutes(JsonElement body, out bool given, out int? minutes)
    {
        minutes = null;
        given = body.TryGetProperty("expiresInMinutes", out var value);
        if (!given || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number)
            || number is < 1 or > UploadFields.LongestExpiryMinutes)
        {
            return false;
        }

        minutes = number;
        return true;
    }
}
