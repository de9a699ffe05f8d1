using Xunit;

namespace Sluice.Tests;

/// <summary>The shared corpus of real files. Without it tests are skipped aloud; in CI they fail.</summary>
internal static class Corpus
{
    /// <summary>Full paths of its MP4 and MOV files, in a fixed order.</summary>
    public static IReadOnlyList<string> Movies() =>
        [.. Directory.GetFiles(Folder("mp4")).Where(static f => !f.EndsWith(".tsv", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>One of its folders.</summary>
    public static string Folder(string name)
    {
        var folder = Path.Combine(Root(), name);
        if (!Directory.Exists(folder))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Not tested: needs the corpus (set SLUICE_CORPUS).");
            Assert.Fail("The corpus is missing (set SLUICE_CORPUS).");
        }

        return folder;
    }

    private static string Root() => Environment.GetEnvironmentVariable("SLUICE_CORPUS") is { Length: > 0 } given
        ? given
        : Path.Combine(Checkout.Root.Parent?.FullName ?? "", "shared", "corpus");
}
