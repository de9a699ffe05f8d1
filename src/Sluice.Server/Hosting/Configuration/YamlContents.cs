using Sluice.Server.Live.Channels;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>What stands in a YAML file.</summary>
/// <param name="Settings">Values of the table of keys.</param>
/// <param name="Channels">Section <c>streams</c>, with what <c>options</c> says of all.</param>
/// <param name="IsEmpty">Nothing at all stands in it, but for comments.</param>
internal sealed record YamlContents(IReadOnlyList<Setting> Settings, IReadOnlyList<ChannelDefinition> Channels, bool IsEmpty);
