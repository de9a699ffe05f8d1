using Sluice.Tests;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>Seeds and former crashers, a folder a target: <c>Fuzz/corpus/&lt;target&gt;/</c>.</summary>
internal static class FuzzCorpus
{
    public static string FolderOf(string target) => RepositoryRoot.File($"tests/Sluice.Media.Tests/Fuzz/corpus/{target}");

    public static IReadOnlyList<string> FilesOf(string target) =>
        [.. Directory.EnumerateFiles(FolderOf(target), "*.bin").Order(StringComparer.Ordinal)];

    /// <summary>Keeps an input that was not survived, so that it is replayed from now on.</summary>
    public static string Keep(string target, byte[] input)
    {
        var path = Path.Combine(FolderOf(target), $"crash-{Fuzzer.NameOf(input)}.bin");
        File.WriteAllBytes(path, input);
        return path;
    }
}
