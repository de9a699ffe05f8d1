namespace Sluice.Tests;

/// <summary>The shared corpus of real files.</summary>
internal static class Corpus
{
    /// <summary>Full paths of its MP4 and MOV files, in a fixed order.</summary>
    public static IReadOnlyList<string> Movies() =>
    [
        .. Directory.GetFiles(RepositoryRoot.Corpus("mp4"))
            .Where(static f => !f.EndsWith(".tsv", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];
}
