using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Sluice.Server.Tests.Architecture;

/// <summary>Folders of the server may only use the folders listed here; edges point one way.</summary>
public sealed partial class FolderEdgesTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Catalog"] = [],
        ["Store"] = ["Catalog", "Outbound"],
        ["Processes"] = [],
        ["Nodes"] = ["Access", "Catalog", "Outbound"],
        ["Jobs"] = ["Catalog", "Nodes"],
        ["Outbound"] = [],
        ["Resolve"] = ["Outbound", "Processes"],
        ["Torrents"] = ["Outbound", "Processes", "Store"],
        ["Live"] = ["Access", "Catalog", "Deliver", "Nodes", "Outbound"],
        ["Access"] = ["Catalog"],
        ["Probe"] = ["Catalog", "Store", "Processes"],
        ["Package"] = ["Catalog", "Store", "Probe", "Processes"],
        ["Transcode"] = ["Catalog", "Store", "Jobs", "Nodes", "Probe", "Package", "Processes", "Outbound"],
        ["Ingest"] = ["Access", "Catalog", "Store", "Jobs", "Nodes", "Probe", "Package", "Processes", "Outbound", "Resolve"],
        ["Deliver"] = ["Access", "Catalog", "Store", "Package", "Transcode"],
        ["Publishing"] = ["Catalog", "Store", "Jobs", "Outbound", "Deliver"],
        ["Recordings"] = ["Catalog", "Store", "Ingest", "Live", "Package"],
        ["Rooms"] = ["Access", "Catalog", "Nodes"],
        ["Sessions"] =
            ["Access", "Catalog", "Store", "Jobs", "Nodes", "Probe", "Ingest", "Package", "Processes", "Transcode", "Outbound", "Live", "Resolve", "Torrents"],
        ["Manage"] = ["Access", "Catalog", "Store", "Ingest", "Jobs", "Nodes", "Outbound", "Live", "Publishing", "Recordings", "Resolve", "Rooms", "Sessions", "Torrents"],
        ["Compat"] = ["Access", "Catalog", "Store", "Ingest", "Manage", "Deliver", "Live", "Processes", "Sessions", "Nodes"],
    };

    /// <summary>What every folder may take from Hosting; the rest of it is composition.</summary>
    private static readonly string[] OpenToAll = ["ErrorCode", "Problem", "DetailOnlyErrors", "SluiceOptions", "SetupException"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly string Server = RepositoryRoot.File("src/Sluice.Server");

    public static TheoryData<string> Folders() => [.. Allowed.Keys.Where(name => Directory.Exists(Path.Combine(Server, name)))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_uses_only_what_it_may(string folder)
    {
        var composition = HostingTypes();
        foreach (var file in Sources(folder))
        {
            var text = File.ReadAllText(file);
            foreach (Match use in ServerNames().Matches(text))
            {
                var used = use.Groups["name"].Value;
                if (used == "Hosting")
                {
                    var taken = composition.Where(type => Regex.IsMatch(text, $@"\b{type}\b", RegexOptions.None, Patience)).ToArray();
                    taken.ShouldBeEmpty($"{Path.GetRelativePath(Server, file)} uses what composes the server");
                }
                else if (used != folder)
                {
                    Allowed[folder].ShouldContain(used, $"{Path.GetRelativePath(Server, file)} may not use {used}");
                }
            }
        }
    }

    [Fact]
    public void Every_folder_has_its_edges_listed()
    {
        var folders = Directory.EnumerateDirectories(Server).Select(path => Path.GetFileName(path))
            .Where(name => name is not ("bin" or "obj" or "Hosting" or "Cli" or "Properties") && Sources(name).Any());
        folders.ShouldBeSubsetOf(Allowed.Keys);
    }

    [Fact]
    public void Nothing_but_composition_knows_compat_or_cli()
    {
        foreach (var file in Allowed.Keys.Where(name => name != "Compat").SelectMany(Sources))
        {
            var text = File.ReadAllText(file);
            text.ShouldNotContain("Sluice.Server.Compat", Case.Sensitive, file);
            text.ShouldNotContain("Sluice.Server.Cli", Case.Sensitive, file);
        }
    }

    [GeneratedRegex(@"Sluice\.Server\.(?<name>[A-Z]\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ServerNames();

    [GeneratedRegex(@"^(internal|public)[\w ]* (class|record|struct|enum|interface) (struct |class )?(?<name>\w+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TypeNames();

    private static string[] HostingTypes() =>
    [
        .. Sources("Hosting").SelectMany(file => TypeNames().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["name"].Value)
            .Where(type => !OpenToAll.Contains(type) && !type.EndsWith("Options", StringComparison.Ordinal)),
    ];

    private static IEnumerable<string> Sources(string folder)
    {
        var path = Path.Combine(Server, folder);
        return Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories) : [];
    }
}
