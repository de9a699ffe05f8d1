using Sluice.Tests;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>Seeds and former crashers, a folder a target: <c>Fuzz/corpus/&lt;target&gt;/</c>.</summary>
internal static class FuzzCorpus
{
    public static string FolderOf(string target) => RepositoryRoot.File($"tests/Sluice.Media.Tests/Fuzz/corpus/{target}");

    public static IReadOnlyList<string> FilesOf(string target) =>
        [.. Directory.EnumerateFiles(FolderOf(target), "*.bin").Order(StringComparer.Ordinal)];

    /// <summary>What mutants are made of: the files of the target, and for whole movies the small ones of the shared
    /// corpus too, where it is at hand.</summary>
    public static IReadOnlyList<byte[]> SeedsOf(string target)
    {
        var real = Path.Combine(
            Environment.GetEnvironmentVariable("SLUICE_CORPUS") is { Length: > 0 } given ? given : RepositoryRoot.File("../shared/corpus"), "mp4");
        IEnumerable<string> files = target is "movie" or "arriving" && Directory.Exists(real)
            ? Directory.EnumerateFiles(real).Where(f => new FileInfo(f).Length is > 0 and <= Mutator.LargestInput).Order(StringComparer.Ordinal)
            : [];
        return [.. FilesOf(target).Concat(files).Select(File.ReadAllBytes)];
    }

    /// <summary>Keeps an input that was not survived, so that it is replayed from now on.</summary>
    public static string Keep(string target, byte[] input)
    {
        var path = Path.Combine(FolderOf(target), $"crash-{Fuzzer.NameOf(input)}.bin");
        File.WriteAllBytes(path, input);
        return path;
    }
}
