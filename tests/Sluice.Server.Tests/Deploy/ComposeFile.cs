using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace Sluice.Server.Tests.Deploy;

/// <summary>Reads what Docker Compose would make of a file of <c>deploy/</c>, as far as tests ask.</summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<object, object> _root;

    private ComposeFile(Dictionary<object, object> root) => _root = root;

    /// <summary>Its services by name.</summary>
    public IReadOnlyDictionary<string, Dictionary<object, object>> Services =>
        Map(_root["services"]).ToDictionary(pair => (string)pair.Key, pair => Map(pair.Value), StringComparer.Ordinal);

    /// <summary>Volumes and networks that are declared.</summary>
    public IReadOnlyCollection<string> Declared(string kind) => _root.TryGetValue(kind, out var all) ? [.. Map(all).Keys.Cast<string>()] : [];

    /// <summary>Reads the file, merge keys done.</summary>
    public static ComposeFile Read(string name)
    {
        using var text = new StringReader(File.ReadAllText(RepositoryRoot.File("deploy/" + name)));
        return new ComposeFile(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(text))));
    }

    /// <summary>Those whose image is ours.</summary>
    public IEnumerable<DeployedNode> Nodes() =>
        from service in Services
        where service.Value["image"] is "sluice"
        let arguments = service.Value.TryGetValue("command", out var command) ? Texts(command) : ["serve", "--data", "/var/lib/sluice"]
        select new DeployedNode(
            service.Key, arguments, Variables(service.Value).ToDictionary(pair => pair.Key, pair => DeployedNode.Filled(pair.Key, Given(pair.Value)), StringComparer.Ordinal),
            ConfigurationOf(service.Value, arguments), TimeSpan.FromSeconds(int.Parse(((string)service.Value["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture)));

    /// <summary>Variables of a service, as they are written.</summary>
    public static IReadOnlyDictionary<string, string> Variables(Dictionary<object, object> service) =>
        service.TryGetValue("environment", out var variables) ? Map(variables).ToDictionary(pair => (string)pair.Key, pair => (string)pair.Value, StringComparer.Ordinal) : [];

    /// <summary>A list of texts.</summary>
    public static string[] Texts(object node) => [.. ((IEnumerable<object>)node).Cast<string>()];

    /// <summary>A mapping.</summary>
    public static Dictionary<object, object> Map(object node) => (Dictionary<object, object>)node;

    /// <summary>What a variable becomes: of those that the operator has to give, something that fits.</summary>
    private static string Given(string value) => Variable().Match(value) is { Success: true } match && match.Groups["name"].Value is var name
        ? name.EndsWith("_URL", StringComparison.Ordinal) || name.EndsWith("_ENDPOINT", StringComparison.Ordinal) ? "https://video.example.org"
            : name.EndsWith("_BUCKET", StringComparison.Ordinal) ? "videos" : value
        : value;

    /// <summary>The file that stands behind <c>-c</c>, where it is mounted from.</summary>
    private static string? ConfigurationOf(Dictionary<object, object> service, string[] arguments)
    {
        var at = Array.IndexOf(arguments, "-c");
        return at < 0 ? null : File.ReadAllText(RepositoryRoot.File("deploy/" + Texts(service["volumes"]).Select(volume => volume.Split(':'))
            .Single(parts => parts[1] == arguments[at + 1])[0][2..]));
    }

    [GeneratedRegex(@"^\$\{(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
