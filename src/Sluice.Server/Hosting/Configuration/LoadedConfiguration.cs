using Sluice.Server.Live.Channels;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>What <see cref="ConfigurationLoader"/> made of all sources.</summary>
/// <param name="Options">The values, validated.</param>
internal sealed record LoadedConfiguration(SluiceOptions Options)
{
    /// <summary>Channels of the file.</summary>
    public IReadOnlyList<ChannelDefinition> Channels { get; init; } = [];

    /// <summary>What the file says besides its channels.</summary>
    public IReadOnlyList<Setting> FileSettings { get; init; } = [];

    /// <summary>Nothing stands in the file, but for comments; or there is none.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>The file itself; null when there is none.</summary>
    public byte[]? Content { get; init; }

    /// <summary>What should be said at start.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Where the file is, to be read again; null when there is none.</summary>
    public ConfigurationSource? Source { get; init; }
}
