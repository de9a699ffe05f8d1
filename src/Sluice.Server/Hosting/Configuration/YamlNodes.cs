using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>What the readers of the YAML file have in common.</summary>
internal static class YamlNodes
{
    /// <summary>The mapping that a file is; null when nothing stands in it.</summary>
    /// <exception cref="SetupException">It is no YAML, or no mapping.</exception>
    public static YamlMappingNode? Root(TextReader yaml, string fileName)
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

    /// <summary>Keys and values, in the order of the file.</summary>
    public static IEnumerable<(YamlScalarNode Key, YamlNode Value)> Pairs(YamlMappingNode mapping) =>
        mapping.Children.Where(p => p.Key is YamlScalarNode { Value: not null }).Select(p => ((YamlScalarNode)p.Key, p.Value));

    /// <summary>YAML's null, of which the default is kept.</summary>
    public static bool IsNothing(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    /// <summary>The place of a node, for people.</summary>
    public static string At(string fileName, YamlNode node) => $"{fileName} line {node.Start.Line}";
}
