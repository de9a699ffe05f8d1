using Sluice.Server.Hosting;
using Xunit;

namespace Sluice.Browser.Tests.Support;

/// <summary>What these tests need of the machine: skipped aloud where it is missing, failed in continuous integration.</summary>
internal static class Requirements
{
    /// <summary>The browser, or null: <c>SLUICE_CHROMIUM</c>, else the first Chromium on the PATH.</summary>
    public static string? Chromium { get; } = Environment.GetEnvironmentVariable("SLUICE_CHROMIUM") is { Length: > 0 } given
        ? (File.Exists(given) ? given : null)
        : OnPath("chromium") ?? OnPath("chromium-browser") ?? OnPath("google-chrome");

    /// <summary>The media maker, or null.</summary>
    public static string? Ffmpeg { get; } = OnPath("ffmpeg");

    /// <summary>Skips or fails the running test when something is missing.</summary>
    public static void Demand()
    {
        Assert.True(
            typeof(WebPages).Assembly.GetManifestResourceNames().Contains("web/index.html"),
            "This server was built without its web pages. Run: ./dev build");

        string[] missing = [.. Missing()];
        if (missing.Length == 0)
        {
            return;
        }

        var words = $"Not to be found on this machine: {string.Join(", ", missing)}. `./dev test` installs it.";
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(words);
        }

        Assert.Skip(words);
    }

    private static IEnumerable<string> Missing()
    {
        if (Chromium is null)
        {
            yield return "chromium";
        }

        if (Ffmpeg is null)
        {
            yield return "ffmpeg";
        }
    }

    private static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
