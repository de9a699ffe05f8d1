using Sluice.Server.Live.Channels;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>What a key of a channel holds.</summary>
internal enum StreamKeyShape
{
    /// <summary>One value.</summary>
    One,

    /// <summary>A list of values; one alone is a list too.</summary>
    List,

    /// <summary>Names with a value each.</summary>
    Map,
}

/// <summary>One key of a channel in the section <c>streams</c>, or of what <c>options</c> says of all of them.</summary>
/// <param name="Name">As in the YAML file, such as <c>userAgent</c>.</param>
/// <param name="Allowed">What it may hold, for people.</param>
/// <param name="Shape">How many values, and whether they have names.</param>
/// <param name="Set">Answers the channel with these values; null when they are not allowed. Without a name the keys of the values are empty.</param>
internal sealed record StreamKey(
    string Name,
    string Allowed,
    StreamKeyShape Shape,
    Func<ChannelDefinition, IReadOnlyList<KeyValuePair<string, string>>, ChannelDefinition?> Set)
{
    /// <summary>Whether it may stand in <c>options</c>.</summary>
    public bool IsOption { get; init; }

    /// <summary>Whether it may stand at a channel.</summary>
    public bool IsStream { get; init; } = true;

    /// <summary>Whether its values may hold passwords and the like, which are not repeated in messages.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The name as StreamPipe writes it: <c>user_agent</c>.</summary>
    public string Snake { get; } = string.Concat(Name.Select(c => char.IsAsciiLetterUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{c}"));
}
