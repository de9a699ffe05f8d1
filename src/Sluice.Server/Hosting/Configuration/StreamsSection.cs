using Sluice.Server.Catalog;
using Sluice.Server.Live.Channels;
using YamlDotNet.RepresentationModel;
using static Sluice.Server.Hosting.Configuration.YamlNodes;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>
/// Reads the channels of a YAML file, in StreamPipe's form or with all that a channel may have.
/// <code>
/// options: {threads: 4}             →  what holds for every channel that does not say otherwise
/// streams:
///   news: https://a.example/x.m3u8  →  one address
///   sport: {url: …, backup: […]}    →  the keys of <see cref="StreamKeys"/>
/// </code>
/// </summary>
internal static class StreamsSection
{
    /// <summary>Name of the section of channels.</summary>
    public const string Streams = "streams";

    /// <summary>Name of the section of what holds for all of them.</summary>
    public const string Options = "options";

    /// <summary>The channels, in the order of the file.</summary>
    /// <param name="streams">Section <c>streams</c>, or null.</param>
    /// <param name="options">Section <c>options</c>, or null.</param>
    /// <param name="fileName">For messages.</param>
    /// <exception cref="SetupException">Something in it is not allowed.</exception>
    public static IReadOnlyList<ChannelDefinition> Read(YamlNode? streams, YamlNode? options, string fileName)
    {
        // Public unless it says otherwise: docs/adr/0007-channels-in-the-file-are-public.md
        var all = new ChannelDefinition { Name = "", Urls = [], IsPublic = true, Origin = ChannelOrigin.Configuration };
        if (options is not null && !IsNothing(options))
        {
            all = Fill(all, Section(options, Options, fileName), Options, StreamKeys.All.Where(key => key.IsOption), fileName);
        }

        return streams is null || IsNothing(streams)
            ? []
            : [.. Pairs(Section(streams, Streams, fileName)).Select(pair => Channel(all, pair.Key, pair.Value, fileName))];
    }

    private static ChannelDefinition Channel(ChannelDefinition all, YamlScalarNode key, YamlNode node, string fileName)
    {
        var name = key.Value!;
        if (!ChannelName.IsValid(name))
        {
            throw new SetupException($"{At(fileName, key)}: '{name}' cannot be the name of a channel: lower-case letters, digits and hyphens, " +
                $"at most {ChannelName.Longest}.{(Likely(name) is { } likely ? $" '{likely}' can." : "")}");
        }

        var path = $"{Streams}.{name}";
        var channel = node switch
        {
            YamlMappingNode keys => Fill(all with { Name = name }, keys, path, StreamKeys.All.Where(k => k.IsStream), fileName),
            YamlScalarNode { Value: { } url } when !IsNothing(node) =>
                Set(all with { Name = name }, StreamKeys.All[0], [KeyValuePair.Create("", url)], path, At(fileName, key)),
            _ => all,
        };
        return channel.Urls.Count > 0 ? channel : throw new SetupException(
            $"{At(fileName, key)}: {path} needs an address: an http or https URL, or keys with 'url' among them.");
    }

    /// <summary>Sets what stands in the mapping, in the order of the table.</summary>
    private static ChannelDefinition Fill(
        ChannelDefinition channel, YamlMappingNode mapping, string path, IEnumerable<StreamKey> allowed, string fileName)
    {
        var keys = allowed.ToList();
        var given = new Dictionary<string, (YamlScalarNode Key, YamlNode Value)>(StringComparer.Ordinal);
        foreach (var pair in Pairs(mapping))
        {
            var source = At(fileName, pair.Key);
            var key = keys.Find(k => k.Name == pair.Key.Value || k.Snake == pair.Key.Value)
                ?? throw YamlSettings.Unknown($"{path}.{pair.Key.Value}", source, NearestName.Of(pair.Key.Value!, keys.Select(k => k.Name)));
            if (!given.TryAdd(key.Name, pair))
            {
                throw new SetupException($"{source}: {path}.{key.Name} is given twice, as '{key.Name}' and as '{key.Snake}'.");
            }
        }

        foreach (var key in keys.Where(k => given.ContainsKey(k.Name)))
        {
            var (name, value) = given[key.Name];
            if (!IsNothing(value))
            {
                var (where, source) = ($"{path}.{key.Name}", At(fileName, name));
                channel = Set(channel, key, ValuesOf(key, value) ?? throw NotAllowed(key, where, source, null), where, source);
            }
        }

        return channel;
    }

    private static ChannelDefinition Set(
        ChannelDefinition channel, StreamKey key, IReadOnlyList<KeyValuePair<string, string>> values, string path, string source) =>
        key.Set(channel, values)
        ?? throw NotAllowed(key, path, source, key.Shape == StreamKeyShape.One && !key.IsSecret ? $"'{values[0].Value}'" : "what was given");

    private static SetupException NotAllowed(StreamKey key, string path, string source, string? given) =>
        new($"{source}: {path} must be {key.Allowed}{(given is null ? "" : $", not {given}")}.");

    /// <summary>The values in the node; null when it has another shape than the key's.</summary>
    private static IReadOnlyList<KeyValuePair<string, string>>? ValuesOf(StreamKey key, YamlNode node) => (key.Shape, node) switch
    {
        (StreamKeyShape.One or StreamKeyShape.List, YamlScalarNode one) => [KeyValuePair.Create("", one.Value ?? "")],
        (StreamKeyShape.List, YamlSequenceNode list) when list.All(item => item is YamlScalarNode) =>
            [.. list.Select(item => KeyValuePair.Create("", ((YamlScalarNode)item).Value ?? ""))],
        (StreamKeyShape.Map, YamlMappingNode map) when map.Children.All(p => p.Key is YamlScalarNode && p.Value is YamlScalarNode) =>
            [.. Pairs(map).Select(p => KeyValuePair.Create(p.Key.Value!, ((YamlScalarNode)p.Value).Value ?? ""))],
        _ => null,
    };

    private static YamlMappingNode Section(YamlNode node, string name, string fileName) => node as YamlMappingNode
        ?? throw new SetupException($"{At(fileName, node)}: '{name}' is a section; put its keys below it, indented.");

    /// <summary>The name that was probably meant; null when there is nothing left of it.</summary>
    private static string? Likely(string name)
    {
        var likely = string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return ChannelName.IsValid(likely) ? likely : null;
    }
}
