using System.Diagnostics;
using Xunit;

namespace Sluice.Tests;

/// <summary>Runs ffmpeg and ffprobe, the oracles of these tests. Without them tests are skipped aloud; in CI they fail.</summary>
internal static class Ffmpeg
{
    /// <summary>Runs ffmpeg and answers its standard output; what it says on standard error fails the test.</summary>
    public static string Run(string arguments, params string[] more) => Execute("ffmpeg", $"-nostdin -hide_banner -v warning -y {arguments}", more);

    /// <summary>As <see cref="Run"/>, for encoders that chatter on standard error: only the exit code counts.</summary>
    public static void Make(string arguments, params string[] more)
    {
        var (exitCode, _, complaints) = Start("ffmpeg", $"-nostdin -hide_banner -v warning -y {arguments}", more);
        Assert.True(exitCode == 0, $"ffmpeg {arguments}: exit code {exitCode}\n{complaints}");
    }

    /// <summary>Runs ffprobe and answers its standard output, line by line.</summary>
    public static string[] Probe(string arguments, params string[] more) =>
        Execute("ffprobe", $"-v error {arguments}", more).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>As <see cref="Probe"/>, for files that may be broken: complaints are no failure.</summary>
    public static string[] TryProbe(string arguments, params string[] more) =>
        Start("ffprobe", $"-v quiet {arguments}", more).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Execute(string program, string arguments, string[] more)
    {
        var (exitCode, output, complaints) = Start(program, arguments, more);
        Assert.True(
            exitCode == 0 && complaints.Length == 0,
            $"{program} {arguments} {string.Join(' ', more)}: exit code {exitCode}\n{complaints}");
        return output;
    }

    private static (int ExitCode, string Output, string Complaints) Start(string program, string arguments, string[] more)
    {
        Tool.Require(program);
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Concat(more))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var complaints = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, complaints.Result);
    }
}
