using Xunit;

namespace Sluice.Tests;

/// <summary>The checkout that these tests were built from, and the corpus beside it. Compiled into every test project.</summary>
internal static class RepositoryRoot
{
    private static readonly string[] BuildOutput = ["bin", "obj", "node_modules", "dist", "artifacts", "data", ".git", "TestResults"];

    /// <summary>The folder that holds <c>Sluice.slnx</c>.</summary>
    public static string Path { get; } = Find();

    /// <summary>A file of the repository, by its path from the root.</summary>
    public static string File(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>Every file that someone wrote, as paths from the root with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Walk(Path).Select(f => System.IO.Path.GetRelativePath(Path, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>A folder of the corpus of video files: <c>SLUICE_CORPUS</c>, else <c>../shared/corpus</c> beside the checkout.
    /// Without it the calling test is skipped aloud; where <c>CI=true</c> it fails.</summary>
    public static string Corpus(string folder)
    {
        var path = System.IO.Path.Combine(
            Environment.GetEnvironmentVariable("SLUICE_CORPUS") is { Length: > 0 } given ? given : File("../shared/corpus"), folder);
        if (!Directory.Exists(path))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Not tested: needs the corpus (set SLUICE_CORPUS).");
            Assert.Fail("The corpus is missing (set SLUICE_CORPUS).");
        }

        return path;
    }

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(folder).Concat(
        Directory.EnumerateDirectories(folder)
            .Where(d => !BuildOutput.Contains(System.IO.Path.GetFileName(d)))
            .SelectMany(Walk));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "Sluice.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("These tests need the repository: no Sluice.slnx above them.");
    }
}
