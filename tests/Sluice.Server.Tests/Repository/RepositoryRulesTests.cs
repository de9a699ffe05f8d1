using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Sluice.Server.Tests.Repository;

/// <summary>Rules of the house that a reviewer should not have to remember.</summary>
public partial class RepositoryRulesTests
{
    private const int LongFile = 500;
    private const int MedianLines = 80;
    private const int NinetiethLines = 250;
    private const int ProgramLines = 60;

    private static readonly string[] Vague = ["Helpers", "Utils", "Common", "Managers", "Models"];

    private static IEnumerable<string> Code => RepositoryRoot.Files.Where(f =>
        (f.StartsWith("src/", StringComparison.Ordinal) || f.StartsWith("tests/", StringComparison.Ordinal)
            || f.StartsWith("web/src/", StringComparison.Ordinal))
        && Path.GetExtension(f) is ".cs" or ".ts" or ".svelte");

    [Fact]
    public void Program_is_a_table_of_contents() =>
        Lines("src/Sluice.Server/Program.cs").Length.ShouldBeLessThan(ProgramLines);

    [Fact]
    public void A_long_file_gives_its_reason_first()
    {
        var unexplained = Code
            .Where(f => Lines(f) is { Length: > LongFile } lines && lines[0] is not ['/', '/' or '*', ..]
                && !lines[0].StartsWith("<!--", StringComparison.Ordinal));

        unexplained.ShouldBeEmpty($"files of more than {LongFile} lines start with a comment that says why");
    }

    [Fact]
    public void Files_of_the_product_are_short()
    {
        var lengths = Code.Where(f => f.StartsWith("src/", StringComparison.Ordinal)).Select(f => Lines(f).Length).Order().ToArray();

        lengths[lengths.Length / 2].ShouldBeLessThanOrEqualTo(MedianLines, "median");
        lengths[lengths.Length * 9 / 10].ShouldBeLessThanOrEqualTo(NinetiethLines, "90th percentile");
    }

    [Fact]
    public void Nothing_is_left_unfinished() =>
        Matches(Code, Unfinished()).ShouldBeEmpty();

    [Fact]
    public void No_path_of_one_machine_is_in_a_file() =>
        Matches(RepositoryRoot.Files.Where(IsText), MachinePath()).ShouldBeEmpty();

    [Fact]
    public void No_folder_has_a_name_that_says_nothing() =>
        Code.Where(f => f.Split('/').SkipLast(1).Any(Vague.Contains)).ShouldBeEmpty();

    [Fact]
    public void The_media_library_depends_on_nothing()
    {
        var project = File.ReadAllText(RepositoryRoot.File("src/Sluice.Media/Sluice.Media.csproj"));

        project.ShouldNotContain("PackageReference");
        project.ShouldNotContain("ProjectReference");
    }

    [Fact]
    public void Continuous_integration_runs_the_readme_command()
    {
        File.ReadAllText(RepositoryRoot.File(".ci/run")).ShouldContain("./dev test");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(RepositoryRoot.File(".ci/run")).HasFlag(UnixFileMode.UserExecute).ShouldBeTrue();
            File.GetUnixFileMode(RepositoryRoot.File("dev")).HasFlag(UnixFileMode.UserExecute).ShouldBeTrue();
        }
    }

    private static bool IsText(string file) => Path.GetFileName(file) is "dev" or "run" or "LICENSE" or "Dockerfile"
        || Path.GetExtension(file) is ".cs" or ".ts" or ".svelte" or ".css" or ".html" or ".js" or ".mjs" or ".json" or ".md"
            or ".yml" or ".yaml" or ".props" or ".csproj" or ".slnx" or ".config" or ".sh" or ".service" or ".py" or ".txt";

    private static IEnumerable<string> Matches(IEnumerable<string> files, Regex pattern) =>
        from file in files
        from line in Lines(file).Index()
        where pattern.IsMatch(line.Item)
        select $"{file}:{line.Index + 1}: {line.Item.Trim()}";

    private static string[] Lines(string file) => File.ReadAllLines(RepositoryRoot.File(file));

    // Brackets keep these patterns from finding themselves.
    [GeneratedRegex(@"\b(T[O]DO|F[I]XME|H[A]CK)\b|NotImplemented[E]xception|Thread[.]Sleep|catch\s*\{\s*\}|\bSkip\s*=|[.]only\(",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![\w.$}])/(home|Users|root|work|mnt)/\w", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MachinePath();
}
