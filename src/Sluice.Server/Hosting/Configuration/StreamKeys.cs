using System.Globalization;
using Sluice.Server.Ingest;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;
using Values = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.KeyValuePair<string, string>>;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>
/// Every key that a channel may have, in the order in which they are set: the first address before the others. A test holds that each is in
/// <c>sluice.example.yml</c>.
/// </summary>
internal static class StreamKeys
{
    private const string Address = "an http or https URL";
    private const string Addresses = "a list of http or https URLs, with all the channel's at most 10";
    private const string YesOrNo = "true or false";

    /// <summary>The table.</summary>
    public static IReadOnlyList<StreamKey> All { get; } =
    [
        new("url", Address, StreamKeyShape.One, AddUrls) { IsSecret = true },
        new("urls", Addresses, StreamKeyShape.List, AddUrls) { IsSecret = true },
        new("backup", Addresses, StreamKeyShape.List, AddUrls) { IsSecret = true },
        Text("title", $"a text of at most {UploadFields.LongestTitle} characters", v => UploadFields.TryTitle(v, out _), (c, v) => c with { Title = Title(v) }),
        Option(Text("public", YesOrNo, v => bool.TryParse(v, out _), (c, v) => c with { IsPublic = bool.Parse(v) })),
        Text("enabled", YesOrNo, v => bool.TryParse(v, out _), (c, v) => c with { IsEnabled = bool.Parse(v) }),
        Option(Text("userAgent", "a text of letters and signs of ASCII", v => v.Trim().Length > 0 && ChannelBounds.IsHeaderValue(v),
            (c, v) => c with { UserAgent = v })),
        new("headers", "a list of names of headers with a value each; those of the connection, Range and User-Agent are not among them", StreamKeyShape.Map,
            (c, v) => v.Count <= ChannelBounds.MostHeaders && v.All(IsHeader) ? c with { Headers = v } : null) { IsSecret = true },
        Option(Text("buffer", "a size from 1M to 4G, such as 16M, or a number of bytes",
            v => ByteSize(v) is >= ChannelBounds.LeastBufferBytes and <= ChannelBounds.MostBufferBytes, (c, v) => c with { BufferBytes = ByteSize(v)!.Value })),
        Option(Number("idle", 0, ChannelBounds.MostIdleSeconds, (c, v) => c with { Idle = TimeSpan.FromSeconds(v) })),
        Option(Whole("threads", 1, ChannelBounds.MostThreads, (c, v) => c with { Threads = (int)v })),
        Option(Number("timeout", 1, ChannelBounds.MostTimeoutSeconds, (c, v) => c with { Timeout = TimeSpan.FromSeconds(v) })),
        Option(Whole("maxHeight", ChannelBounds.LeastHeight, ChannelBounds.MostHeight, (c, v) => c with { Policy = c.Policy with { MostLines = (int)v } })),
        Option(Whole("maxBitrate", ChannelBounds.LeastBitrate, ChannelBounds.MostBitrate,
            (c, v) => c with { Policy = c.Policy with { MostBitsPerSecond = v } })),
        Option(Whole("maxViewers", 1, ChannelBounds.MostViewers, (c, v) => c with { MaxViewers = (int)v })),
        Text("resolver", "streamlink or yt-dlp", v => v is "streamlink" or "yt-dlp", (c, v) => c with { Resolver = v }),

        // StreamPipe's size of one read. Bytes are handed on here as they come.
        Whole("buffer_size", 1, int.MaxValue, (c, _) => c) with { IsOption = true, IsStream = false },
    ];

    private static StreamKey Option(StreamKey key) => key with { IsOption = true };

    private static StreamKey Text(string name, string allowed, Func<string, bool> ok, Func<ChannelDefinition, string, ChannelDefinition> set) =>
        new(name, allowed, StreamKeyShape.One, (channel, values) => ok(values[0].Value) ? set(channel, values[0].Value) : null);

    private static StreamKey Whole(string name, long least, long most, Func<ChannelDefinition, long, ChannelDefinition> set) =>
        Text(name, $"a whole number from {least} to {most}", v => Number(v, NumberStyles.None) is { } n && n >= least && n <= most,
            (c, v) => set(c, (long)Number(v, NumberStyles.None)!.Value));

    private static StreamKey Number(string name, double least, double most, Func<ChannelDefinition, double, ChannelDefinition> set) =>
        Text(name, string.Create(CultureInfo.InvariantCulture, $"a number of seconds from {least} to {most}"),
            v => Number(v, NumberStyles.AllowDecimalPoint) is { } n && n >= (decimal)least && n <= (decimal)most,
            (c, v) => set(c, (double)Number(v, NumberStyles.AllowDecimalPoint)!.Value));

    /// <summary>YAML lets people write 8_000_000 for readability.</summary>
    private static decimal? Number(string text, NumberStyles style) => decimal.TryParse(
        text.Replace("_", "", StringComparison.Ordinal), style, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Bytes of <c>16777216</c>, <c>16M</c>, <c>16 MB</c> or <c>16MiB</c>, which are the same; null for anything else.</summary>
    private static long? ByteSize(string text)
    {
        var bare = text.TrimEnd().TrimEnd('B', 'b').TrimEnd('i');
        var shift = bare.Length == 0 ? 0 : char.ToUpperInvariant(bare[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        var number = Number((shift == 0 ? bare : bare[..^1]).Trim(), NumberStyles.None);
        return number is { } n and < 1L << 32 ? (long)n << shift : null;
    }

    private static ChannelDefinition? AddUrls(ChannelDefinition channel, Values values) =>
        values.Count > 0 && channel.Urls.Count + values.Count <= ChannelBounds.MostUrls && values.All(v => OutboundUrl.TryParse(v.Value, out _))
            ? channel with { Urls = [.. channel.Urls, .. values.Select(v => v.Value)] }
            : null;

    private static bool IsHeader(KeyValuePair<string, string> header) =>
        ChannelBounds.IsHeader(header.Key) && ChannelBounds.IsHeaderValue(header.Value);

    /// <summary>As titles of videos are: on one line, and null when nothing is left.</summary>
    private static string? Title(string text) => UploadFields.TryTitle(text, out var title) ? title : null;
}
