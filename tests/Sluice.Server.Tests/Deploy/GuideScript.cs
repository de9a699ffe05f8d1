using System.Diagnostics;
using System.Text.RegularExpressions;
using Shouldly;

namespace Sluice.Server.Tests.Deploy;

/// <summary>Commands of the operations guide, run as they stand there.</summary>
internal static partial class GuideScript
{
    /// <summary>Runs a block of the guide in a shell that stops at the first failure.</summary>
    /// <param name="title">The comment in its first line.</param>
    /// <param name="environment">What the guide says has to be set.</param>
    public static async Task RunAsync(string title, params (string Name, string Value)[] environment)
    {
        var blocks = Fenced().Matches(await File.ReadAllTextAsync(RepositoryRoot.File("docs/operations.md"))).Select(match => match.Groups["text"].Value);
        var script = blocks.SingleOrDefault(text => text.StartsWith($"# {title}\n", StringComparison.Ordinal)).ShouldNotBeNull($"the guide has no commands '{title}'");
        var start = new ProcessStartInfo("/bin/sh", ["-eu", "-c", script]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await said);
    }

    [GeneratedRegex("^```sh\n(?<text>.*?)^```", RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex Fenced();
}
