using System.Globalization;
using System.Text.Json;
using Sluice.Server.Ingest;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;
using Sluice.Server.Resolve;

namespace Sluice.Server.Manage.Channels;

/// <summary>
/// Reads what a channel is to be. Each field has its rule, in words; what is not named stays as it is. Secrets are not shown, so an address
/// that is sent back as it was shown keeps those that it has.
/// </summary>
internal static class ChannelBody
{
    private const string NameRule = "A channel's name has 1 to 64 lower-case letters, digits and hyphens.";

    private const string ShortenedRule =
        "An address that ends with `?…` was shown without what may be secret in it, and which of the channel's own it stands for cannot be told: send all of it.";

    private static readonly Field[] Fields =
    [
        new("urls", $"`urls` is an http or https address, or a list of 1 to {ChannelBounds.MostUrls} of them: the first, then its backups.", TakeUrls),
        new("title", UploadFields.TitleRule, TakeTitle),
        new("enabled", "`enabled` is true or false.", static (channel, value) => TruthOf(value) is { } on ? channel with { IsEnabled = on } : null),
        new("public", "`public` is true or false.", static (channel, value) => TruthOf(value) is { } on ? channel with { IsPublic = on } : null),
        new("userAgent", $"`userAgent` is text of at most {ChannelBounds.LongestHeader} ASCII characters, or null.", TakeUserAgent),
        new("headers", $"`headers` is an object of at most {ChannelBounds.MostHeaders} request headers with their values; not Host, Range, User-Agent and the like.", TakeHeaders),
        new("bufferBytes", $"`bufferBytes` is a whole number from {ChannelBounds.LeastBufferBytes} to {ChannelBounds.MostBufferBytes}.", TakeBuffer),
        new("idleSeconds", $"`idleSeconds` is a number from 0 to {ChannelBounds.MostIdleSeconds}.",
            static (channel, value) => SecondsOf(value, 0, ChannelBounds.MostIdleSeconds) is { } time ? channel with { Idle = time } : null),
        new("threads", $"`threads` is a whole number from 1 to {ChannelBounds.MostThreads}.",
            static (channel, value) => WholeOf(value, 1, ChannelBounds.MostThreads) is { } count ? channel with { Threads = (int)count } : null),
        new("timeoutSeconds", $"`timeoutSeconds` is a number from 1 to {ChannelBounds.MostTimeoutSeconds}.",
            static (channel, value) => SecondsOf(value, 1, ChannelBounds.MostTimeoutSeconds) is { } time ? channel with { Timeout = time } : null),
        new("maxHeight", $"`maxHeight` is a whole number of lines from {ChannelBounds.LeastHeight} to {ChannelBounds.MostHeight}, or null.", TakeHeight),
        new("maxBitrate", $"`maxBitrate` is a whole number of bits per second from {ChannelBounds.LeastBitrate} to {ChannelBounds.MostBitrate}, or null.", TakeBitrate),
        new("maxViewers", $"`maxViewers` is a whole number from 1 to {ChannelBounds.MostViewers}, or null.", TakeViewers),
        new("resolver", $"`resolver` is {string.Join(", ", ResolverProgram.All.Select(p => p.Name))} or null.", TakeResolver),
    ];

    /// <summary>A channel with everything as it is by default.</summary>
    public static ChannelDefinition New(string name) => new() { Name = name, Urls = [], Origin = ChannelOrigin.Api };

    /// <summary>Why a text is no name; null when it is one.</summary>
    public static string? NameProblem(string name) => ChannelDefinition.IsName(name) ? null : NameRule;

    /// <summary>Takes the fields of <paramref name="body"/>.</summary>
    /// <param name="body">An object.</param>
    /// <param name="basis">What the channel is as far as the body says nothing.</param>
    /// <param name="shown">What it was until now: where addresses come from that are sent as they were shown.</param>
    /// <returns>What it is to be; or else the rule that was broken.</returns>
    public static (ChannelDefinition? Definition, string? Problem) Read(JsonElement body, ChannelDefinition basis, ChannelDefinition? shown)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (Array.Find(Fields, f => f.Name == property.Name) is not { } field)
            {
                return (null, $"There is no field `{property.Name}`; there are {string.Join(", ", Fields.Select(f => $"`{f.Name}`"))}.");
            }

            if (field.Take(basis, property.Value) is not { } taken)
            {
                return (null, field.Rule);
            }

            basis = taken;
        }

        var whole = basis with { Urls = WithSecrets(basis.Urls, shown) };
        return whole.Urls.Count == 0 ? (null, Fields[0].Rule)
            : whole.Urls.Any(static url => url.EndsWith(OutboundUrl.HiddenQuery, StringComparison.Ordinal)) ? (null, ShortenedRule)
            : (whole, null);
    }

    /// <summary>The addresses that were shown as these. Several that are shown alike stand for themselves in their order, as long as all of them are sent;
    /// what stands for none, or for one of several, stays as it is.</summary>
    public static IReadOnlyList<string> WithSecrets(IReadOnlyList<string> given, ChannelDefinition? shown)
    {
        var known = (shown?.Urls ?? []).ToLookup(static url => OutboundUrl.TryParse(url, out var parsed) ? parsed.ToString() : url, StringComparer.Ordinal);
        var counts = given.CountBy(static url => url, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. given.Select(url =>
        {
            var same = known[url].ToList();
            var n = taken[url] = taken.GetValueOrDefault(url, -1) + 1;
            return same.Count == counts[url] ? same[n] : url;
        })];
    }

    private static ChannelDefinition? TakeUrls(ChannelDefinition channel, JsonElement value)
    {
        string?[] given = value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()],
            JsonValueKind.Array when value.GetArrayLength() <= ChannelBounds.MostUrls => [.. value.EnumerateArray().Select(TextOf)],
            _ => [],
        };
        return given.Length > 0 && Array.TrueForAll(given, static text => OutboundUrl.TryParse(text, out _)) ? channel with { Urls = given! } : null;
    }

    private static ChannelDefinition? TakeTitle(ChannelDefinition channel, JsonElement value) =>
        IsTextOrNull(value) && UploadFields.TryTitle(TextOf(value), out var title) ? channel with { Title = title } : null;

    private static ChannelDefinition? TakeUserAgent(ChannelDefinition channel, JsonElement value) =>
        IsTextOrNull(value) && (TextOf(value) is not { } text || ChannelBounds.IsHeaderValue(text))
            ? channel with { UserAgent = string.IsNullOrWhiteSpace(TextOf(value)) ? null : TextOf(value) }
            : null;

    private static ChannelDefinition? TakeHeaders(ChannelDefinition channel, JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        {
            return null;
        }

        var headers = value.ValueKind == JsonValueKind.Null
            ? []
            : value.EnumerateObject().Select(h => KeyValuePair.Create(h.Name, TextOf(h.Value))).ToArray();
        return headers.Length <= ChannelBounds.MostHeaders
            && Array.TrueForAll(headers, static h => ChannelBounds.IsHeader(h.Key) && h.Value is not null && ChannelBounds.IsHeaderValue(h.Value))
                ? channel with { Headers = headers! }
                : null;
    }

    private static ChannelDefinition? TakeBuffer(ChannelDefinition channel, JsonElement value) =>
        WholeOf(value, ChannelBounds.LeastBufferBytes, ChannelBounds.MostBufferBytes) is { } bytes ? channel with { BufferBytes = bytes } : null;

    private static ChannelDefinition? TakeHeight(ChannelDefinition channel, JsonElement value)
    {
        var lines = WholeOf(value, ChannelBounds.LeastHeight, ChannelBounds.MostHeight);
        return lines is null && value.ValueKind != JsonValueKind.Null ? null : channel with { Policy = channel.Policy with { MostLines = (int?)lines } };
    }

    private static ChannelDefinition? TakeBitrate(ChannelDefinition channel, JsonElement value)
    {
        var bits = WholeOf(value, ChannelBounds.LeastBitrate, ChannelBounds.MostBitrate);
        return bits is null && value.ValueKind != JsonValueKind.Null ? null : channel with { Policy = channel.Policy with { MostBitsPerSecond = bits } };
    }

    private static ChannelDefinition? TakeViewers(ChannelDefinition channel, JsonElement value)
    {
        var viewers = WholeOf(value, 1, ChannelBounds.MostViewers);
        return viewers is null && value.ValueKind != JsonValueKind.Null ? null : channel with { MaxViewers = (int?)viewers };
    }

    private static ChannelDefinition? TakeResolver(ChannelDefinition channel, JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? channel with { Resolver = null }
        : TextOf(value) is { } name && ResolverProgram.Of(name) is not null ? channel with { Resolver = name }
        : null;

    private static bool IsTextOrNull(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Null;

    private static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool? TruthOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static long? WholeOf(JsonElement value, long least, long most) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most ? number : null;

    private static TimeSpan? SecondsOf(JsonElement value, int least, int most) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds >= least && seconds <= most ? TimeSpan.FromSeconds(seconds) : null;

    private sealed record Field(string Name, string Rule, Func<ChannelDefinition, JsonElement, ChannelDefinition?> Take);
}
