using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Server.Hosting;
using Xunit;

namespace Sluice.Server.Tests.Repository;

/// <summary>What the documents say of places is so.</summary>
public sealed partial class DocumentedPathsTests
{
    [Fact]
    public void Every_file_and_folder_that_is_cited_is_there()
    {
        var missing =
            from file in RepositoryRoot.Files
            where file.EndsWith(".md", StringComparison.Ordinal)
                || (file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))
            from Match cited in Cited().Matches(File.ReadAllText(RepositoryRoot.File(file)))
            where !Path.Exists(RepositoryRoot.File(cited.Value))
            select $"{file} cites {cited.Value}";

        missing.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("docs/architecture.md")]
    [InlineData("src/Sluice.Media/README.md")]
    public void Every_folder_of_the_library_is_listed(string document)
    {
        var text = File.ReadAllText(RepositoryRoot.File(document));
        var folders = RepositoryRoot.Files.Where(f => f.StartsWith("src/Sluice.Media/", StringComparison.Ordinal))
            .Select(f => f.Split('/')).Where(f => f.Length > 3).Select(f => f[2]).Distinct();
        foreach (var folder in folders)
        {
            text.ShouldContain($"`{folder}`");
        }
    }

    /// <summary>The advice on proxies names <c>/assets/*</c> and no other file.</summary>
    [Fact]
    public void Every_file_of_the_web_app_lies_where_the_advice_on_proxies_says()
    {
        Assert.SkipWhen(WebFiles.Names.Count == 0, "this build has no web app in it");

        WebFiles.Names.Where(name => !name.StartsWith("assets/", StringComparison.Ordinal)).ShouldBe(
            ["index.html", "style-hashes.txt"], ignoreOrder: true, "the second is read by the server, and sent to nobody");
        foreach (var document in (string[])["SECURITY.md", "docs/adr/0002-gate-and-manage.md"])
        {
            File.ReadAllText(RepositoryRoot.File(document)).ShouldContain("`/assets/*`");
        }
    }

    [GeneratedRegex(@"\b(?:docs|tests)/[\w/.-]+\w", RegexOptions.None, 1000)]
    private static partial Regex Cited();
}
