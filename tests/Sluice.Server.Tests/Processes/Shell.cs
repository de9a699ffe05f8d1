using System.Diagnostics;
using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Processes;

/// <summary>Children that are shell scripts, and a look at which processes are alive.</summary>
internal static class Shell
{
    public static ChildCommand Script(string script, ChildLimits? limits = null, params string[] arguments)
    {
        Tool.Require("sh");
        return new ChildCommand
        {
            Program = "/bin/sh",
            Arguments = ["-c", script, "sh", .. arguments],
            WorkingFolder = Path.GetTempPath(),
            Limits = limits ?? new ChildLimits { WallTime = TimeSpan.FromSeconds(60) },
        };
    }

    public static Task<ChildProcess> StartAsync(ChildCommand command) =>
        ChildProcess.StartAsync(command, TestContext.Current.CancellationToken);

    /// <summary>Starts a script, waits for its end.</summary>
    public static async Task<ChildExit> RunAsync(string script, ChildLimits limits)
    {
        await using var child = await StartAsync(Script(script, limits));
        return await child.Completion;
    }

    /// <summary>The process exists and is no zombie.</summary>
    public static bool IsAlive(int processId)
    {
        try
        {
            return !File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Reads the ids, one a line, that a script writes into a file once it is up.</summary>
    public static async Task<int[]> ProcessIdsAsync(string file, int count)
    {
        (await Eventually.Holds(() => File.Exists(file) && File.ReadAllLines(file).Length >= count)).ShouldBeTrue("the script is not up");
        return [.. File.ReadAllLines(file).Select(int.Parse)];
    }

    /// <summary>Skips a test whose subject is Linux.</summary>
    public static void RequireLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Not tested: needs Linux.");

    /// <summary>Ends a process of another test program, as a crash does.</summary>
    public static void Crash(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }
}
