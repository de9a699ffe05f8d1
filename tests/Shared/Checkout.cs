namespace Sluice.Tests;

/// <summary>The checkout that the tests were built in.</summary>
internal static class Checkout
{
    /// <summary>Its folder: the one that holds <c>Sluice.slnx</c>.</summary>
    public static DirectoryInfo Root { get; } = Find();

    private static DirectoryInfo Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sluice.slnx")))
        {
            folder = folder.Parent;
        }

        return folder ?? throw new DirectoryNotFoundException("These tests need the repository: no Sluice.slnx above them.");
    }
}
