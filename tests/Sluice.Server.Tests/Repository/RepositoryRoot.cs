namespace Sluice.Server.Tests.Repository;

/// <summary>The checkout that these tests were built from.</summary>
internal static class RepositoryRoot
{
    private static readonly string[] BuildOutput = ["bin", "obj", "node_modules", "dist", "artifacts", "data", ".git", "TestResults"];

    /// <summary>The folder that holds <c>Sluice.slnx</c>.</summary>
    public static string Path { get; } = Sluice.Tests.Checkout.Root.FullName;

    /// <summary>A file of the repository, by its path from the root.</summary>
    public static string File(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>Every file that someone wrote, as paths from the root with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Walk(Path).Select(f => System.IO.Path.GetRelativePath(Path, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(folder).Concat(
        Directory.EnumerateDirectories(folder)
            .Where(d => !BuildOutput.Contains(System.IO.Path.GetFileName(d)))
            .SelectMany(Walk));
}
