using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Sluice.Media.Tests;

public partial class ReadmeTests
{
    [Fact]
    public void The_readme_shows_code_that_compiles()
    {
        var example = Squeeze(File.ReadAllText(RepositoryRoot.File("tests/Sluice.Media.Tests/ReadmeExample.cs")));
        var blocks = CodeBlock().Matches(File.ReadAllText(RepositoryRoot.File("src/Sluice.Media/README.md")));

        blocks.Count.ShouldBe(2);
        blocks.ShouldAllBe(block => example.Contains(Squeeze(block.Groups["code"].Value)));
    }

    private static string Squeeze(string text) => Space().Replace(text, " ").Trim();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Space();
}
