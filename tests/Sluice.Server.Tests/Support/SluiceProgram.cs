using System.Diagnostics;

namespace Sluice.Server.Tests.Support;

/// <summary>
/// The program that tests run in processes of their own: the published one when <c>SLUICE_PROGRAM</c> names it, as <c>./dev test</c> does, which is
/// compiled ahead of time and starts in a fraction of the time; else the one beside the tests.
/// </summary>
internal static class SluiceProgram
{
    private static string File { get; } = Environment.GetEnvironmentVariable("SLUICE_PROGRAM") is { Length: > 0 } given
        ? given
        : Path.Combine(AppContext.BaseDirectory, "sluice");

    /// <summary>What starts it.</summary>
    /// <param name="folder">Its working folder.</param>
    /// <param name="arguments">Of the command.</param>
    public static ProcessStartInfo Start(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(File, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };

        // A test host started by the SDK knows its runtime; the program must find the same.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        return start;
    }
}
