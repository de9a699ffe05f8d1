namespace Sluice.Server.Hosting.Configuration;

/// <summary>What <see cref="ConfigurationLoader"/> made of all sources.</summary>
/// <param name="Options">The values, validated.</param>
/// <param name="Warnings">What was ignored, and why; to be shown at start.</param>
internal sealed record LoadedConfiguration(SluiceOptions Options, IReadOnlyList<string> Warnings);
