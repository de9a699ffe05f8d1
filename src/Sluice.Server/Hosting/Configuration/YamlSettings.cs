using YamlDotNet.RepresentationModel;
using static Sluice.Server.Hosting.Configuration.YamlNodes;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>Reads a YAML file into settings that remember their line, and its channels.</summary>
internal static class YamlSettings
{
    /// <summary>Reads <paramref name="yaml"/>; <paramref name="fileName"/> is only for messages.</summary>
    /// <exception cref="SetupException">It is no YAML, is no mapping, or holds a key that there is not.</exception>
    public static YamlContents Read(TextReader yaml, string fileName)
    {
        if (Root(yaml, fileName) is not { } root)
        {
            return new YamlContents([], [], IsEmpty: true);
        }

        var settings = new List<Setting>();
        YamlNode? streams = null, options = null;
        foreach (var (key, node) in Pairs(root))
        {
            switch (key.Value)
            {
                case StreamsSection.Streams:
                    streams = node;
                    break;
                case StreamsSection.Options:
                    options = node;
                    break;
                default:
                    settings.AddRange(Section(key, node, fileName));
                    break;
            }
        }

        return new YamlContents(settings, StreamsSection.Read(streams, options, fileName), IsEmpty: false);
    }

    /// <summary>The message for a key that there is not.</summary>
    public static SetupException Unknown(string path, string source)
    {
        var sections = ConfigurationKeys.All.Select(k => k.Path.Split('.')[0]).Distinct().Append(StreamsSection.Streams).Append(StreamsSection.Options);
        var nearest = NearestName.Of(path, path.Contains('.', StringComparison.Ordinal)
            ? ConfigurationKeys.All.Select(k => k.Path)
            : sections);
        return Unknown(path, source, nearest);
    }

    /// <summary>The same, where the nearest name is known; null when none is near.</summary>
    public static SetupException Unknown(string path, string source, string? nearest) => new(
        $"{source}: there is no key '{path}'. " + (nearest is null ? "Every key is in sluice.example.yml." : $"Did you mean '{nearest}'?"));

    private static IEnumerable<Setting> Section(YamlScalarNode key, YamlNode node, string fileName)
    {
        if (ConfigurationKeys.Find(key.Value!) is { } single && single.Path == key.Value)
        {
            return IsNothing(node) ? [] : [Read(single, node, At(fileName, key))];
        }

        if (!ConfigurationKeys.IsSection(key.Value!))
        {
            throw Unknown(key.Value!, At(fileName, key));
        }

        if (IsNothing(node))
        {
            return []; // a section whose keys are all commented out
        }

        var section = node as YamlMappingNode
            ?? throw new SetupException($"{At(fileName, key)}: '{key.Value}' is a section; put its keys below it, indented.");
        return Keys(key.Value!, section, fileName);
    }

    /// <summary>The keys of a section, and those of the sections in it.</summary>
    private static IEnumerable<Setting> Keys(string section, YamlMappingNode keys, string fileName)
    {
        foreach (var (key, node) in Pairs(keys))
        {
            var path = section + "." + key.Value;
            if (node is YamlMappingNode inner && ConfigurationKeys.IsSection(path))
            {
                foreach (var setting in Keys(path, inner, fileName))
                {
                    yield return setting;
                }

                continue;
            }

            if (IsNothing(node) && ConfigurationKeys.IsSection(path))
            {
                continue; // Its keys are all commented out.
            }

            var read = Read(path, node, At(fileName, key));
            if (!IsNothing(node))
            {
                yield return read;
            }
        }
    }

    private static Setting Read(string path, YamlNode node, string source) =>
        ConfigurationKeys.Find(path) is { } known && known.Path == path ? Read(known, node, source) : throw Unknown(path, source);

    private static Setting Read(ConfigurationKey known, YamlNode node, string source)
    {
        var path = known.Path;
        return node switch
        {
            YamlScalarNode scalar => new Setting(path, [scalar.Value ?? ""], false, source),
            YamlMappingNode map when known.IsMap && map.Children.All(p => p.Key is YamlScalarNode && p.Value is YamlScalarNode) =>
                new Setting(path, [.. Pairs(map).Select(p => $"{p.Key.Value}={((YamlScalarNode)p.Value).Value}")], true, source),
            YamlSequenceNode list when !known.IsMap && list.All(item => item is YamlScalarNode) =>
                new Setting(path, [.. list.Select(item => ((YamlScalarNode)item).Value ?? "")], true, source),
            _ => throw new SetupException($"{source}: {path} must be {known.Allowed}."),
        };
    }
}
