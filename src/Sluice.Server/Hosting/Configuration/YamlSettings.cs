using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>Reads a YAML file into settings that remember their line.</summary>
internal static class YamlSettings
{
    // A StreamPipe config.yml is meant to be a valid file here; its channels are not served in this version, which is
    // worth a warning and not a refusal.
    private static readonly string[] NotYet = ["streams", "options"];

    /// <summary>Reads <paramref name="yaml"/>; <paramref name="fileName"/> is only for messages.</summary>
    /// <exception cref="SetupException">It is no YAML, is no mapping, or holds a key that there is not.</exception>
    public static (IReadOnlyList<Setting> Settings, IReadOnlyList<string> Warnings) Read(TextReader yaml, string fileName)
    {
        var settings = new List<Setting>();
        var warnings = new List<string>();
        if (Root(yaml, fileName) is not { } root)
        {
            return (settings, warnings);
        }

        foreach (var (key, node) in Pairs(root))
        {
            if (NotYet.Contains(key.Value))
            {
                warnings.Add($"{At(fileName, key)}: '{key.Value}' is not supported in this version and is ignored.");
                continue;
            }

            if (ConfigurationKeys.Find(key.Value!) is { } single && single.Path == key.Value)
            {
                settings.AddRange(IsNothing(node) ? [] : [Read(single, node, At(fileName, key))]);
                continue;
            }

            if (!ConfigurationKeys.IsSection(key.Value!))
            {
                throw Unknown(key.Value!, At(fileName, key));
            }

            if (IsNothing(node))
            {
                continue; // a section whose keys are all commented out
            }

            var section = node as YamlMappingNode
                ?? throw new SetupException($"{At(fileName, key)}: '{key.Value}' is a section; put its keys below it, indented.");
            settings.AddRange(Pairs(section)
                .Select(pair => (Setting: Read(key.Value!, pair.Key, pair.Value, fileName), IsNothing: IsNothing(pair.Value)))
                .Where(read => !read.IsNothing)
                .Select(read => read.Setting));
        }

        return (settings, warnings);
    }

    private static YamlMappingNode? Root(TextReader yaml, string fileName)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(yaml);
        }
        catch (YamlException e)
        {
            throw new SetupException($"{fileName} line {e.Start.Line}: this is no valid YAML: {e.InnerException?.Message ?? e.Message}");
        }

        return stream.Documents.FirstOrDefault()?.RootNode switch
        {
            null or YamlScalarNode { Value: null or "" } => null,
            YamlMappingNode mapping => mapping,
            var other => throw new SetupException(
                $"{At(fileName, other)}: sections such as 'server:' are expected here."),
        };
    }

    private static Setting Read(string section, YamlScalarNode key, YamlNode node, string fileName)
    {
        var path = section + "." + key.Value;
        var source = At(fileName, key);
        if (ConfigurationKeys.Find(path) is not { } known || known.Path != path)
        {
            throw Unknown(path, source);
        }

        return Read(known, node, source);
    }

    private static Setting Read(ConfigurationKey known, YamlNode node, string source)
    {
        var path = known.Path;
        return node switch
        {
            YamlScalarNode scalar => new Setting(path, [scalar.Value ?? ""], false, source),
            YamlSequenceNode list when list.All(item => item is YamlScalarNode) =>
                new Setting(path, [.. list.Select(item => ((YamlScalarNode)item).Value ?? "")], true, source),
            _ => throw new SetupException($"{source}: {path} must be {known.Allowed}."),
        };
    }

    /// <summary>The message for a key that there is not.</summary>
    public static SetupException Unknown(string path, string source)
    {
        var sections = ConfigurationKeys.All.Select(k => k.Path.Split('.')[0]).Distinct();
        var nearest = NearestName.Of(path, path.Contains('.', StringComparison.Ordinal)
            ? ConfigurationKeys.All.Select(k => k.Path)
            : sections);
        var hint = nearest is null ? "Every key is in sluice.example.yml." : $"Did you mean '{nearest}'?";
        return new SetupException($"{source}: there is no key '{path}'. {hint}");
    }

    private static IEnumerable<(YamlScalarNode Key, YamlNode Value)> Pairs(YamlMappingNode mapping) =>
        mapping.Children.Where(p => p.Key is YamlScalarNode { Value: not null }).Select(p => ((YamlScalarNode)p.Key, p.Value));

    /// <summary>YAML's null, of which the default is kept.</summary>
    private static bool IsNothing(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    private static string At(string fileName, YamlNode node) => $"{fileName} line {node.Start.Line}";
}
