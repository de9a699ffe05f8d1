using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Media.Hls;

namespace Sluice.Server.Live.Channels;

/// <summary>A channel as it is written into the catalog. Names here never change; what a row does not say is as by default.</summary>
internal sealed record ChannelSettings
{
    private static readonly ChannelDefinition Default = new() { Name = "", Urls = [], Origin = ChannelOrigin.Api };

    public string? Title { get; init; }

    public IReadOnlyList<string> Urls { get; init; } = [];

    public bool Enabled { get; init; } = Default.IsEnabled;

    public bool Public { get; init; } = Default.IsPublic;

    public string? UserAgent { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public long BufferBytes { get; init; } = Default.BufferBytes;

    public double IdleSeconds { get; init; } = Default.Idle.TotalSeconds;

    public int Threads { get; init; } = Default.Threads;

    public double TimeoutSeconds { get; init; } = Default.Timeout.TotalSeconds;

    public int? MaxHeight { get; init; }

    public long? MaxBitrate { get; init; }

    public string? Resolver { get; init; }

    public int? MaxViewers { get; init; }

    /// <summary>The text of a row.</summary>
    public static string Write(ChannelDefinition channel) => JsonSerializer.Serialize(
        new ChannelSettings
        {
            Title = channel.Title,
            Urls = channel.Urls,
            Enabled = channel.IsEnabled,
            Public = channel.IsPublic,
            UserAgent = channel.UserAgent,
            Headers = channel.Headers,
            BufferBytes = channel.BufferBytes,
            IdleSeconds = channel.Idle.TotalSeconds,
            Threads = channel.Threads,
            TimeoutSeconds = channel.Timeout.TotalSeconds,
            MaxHeight = channel.Policy.MostLines,
            MaxBitrate = channel.Policy.MostBitsPerSecond,
            Resolver = channel.Resolver,
            MaxViewers = channel.MaxViewers,
        },
        ChannelSettingsJson.Default.ChannelSettings);

    /// <summary>The channel of a row; null when its text is none of ours.</summary>
    public static ChannelDefinition? Read(string name, string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ChannelSettingsJson.Default.ChannelSettings) is { Urls.Count: > 0 } settings
                ? settings.Of(name)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ChannelDefinition Of(string name) => Default with
    {
        Name = name,
        Title = Title,
        Urls = Urls,
        IsEnabled = Enabled,
        IsPublic = Public,
        UserAgent = UserAgent,
        Headers = Headers,
        BufferBytes = BufferBytes,
        Idle = TimeSpan.FromSeconds(IdleSeconds),
        Threads = Threads,
        Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
        Policy = new VariantPolicy { MostLines = MaxHeight, MostBitsPerSecond = MaxBitrate },
        Resolver = Resolver,
        MaxViewers = MaxViewers,
    };
}

/// <summary>JSON of the catalog's rows of channels.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChannelSettings))]
internal sealed partial class ChannelSettingsJson : JsonSerializerContext;
