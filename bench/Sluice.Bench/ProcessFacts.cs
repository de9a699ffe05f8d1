using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench;

/// <summary>What the kernel says of a process and its children, from <c>/proc</c>.</summary>
internal static class ProcessFacts
{
    /// <summary>User and system time so far in seconds, with children (proc(5), <c>stat</c> fields 14 and 15).</summary>
    public static double CpuSeconds(int pid) => Family(pid).Sum(p => Times(p)[..2].Sum());

    /// <summary>User and system time of a process alone, in seconds.</summary>
    public static double OwnCpuSeconds(int pid) => Times(pid)[..2].Sum();

    /// <summary>The same of its children that live.</summary>
    public static double CpuSecondsOfChildren(int pid) => Family(pid).Skip(1).Sum(p => Times(p)[..2].Sum());

    /// <summary>User and system time of a process and of all its children that have ended, in seconds (<c>stat</c> fields 14 to 17).</summary>
    public static double CpuSecondsWithEnded(int pid) => Times(pid).Sum();

    /// <summary>The same of this process's own children that have ended.</summary>
    public static double CpuSecondsOfOwnEnded() => Times(Environment.ProcessId)[2..].Sum();

    /// <summary>Processes of any program, halted ones too, that have <paramref name="argument"/> somewhere in their arguments.</summary>
    public static IReadOnlyList<int> Running(string argument) => Running(null, argument);

    /// <summary>Running processes of that program that have <paramref name="argument"/> somewhere in their arguments.</summary>
    public static IReadOnlyList<int> Running(string? program, string argument) =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           let name = Path.GetFileName(folder)
           where char.IsAsciiDigit(name[0])
           let line = CommandLine(name)
           where (program is null || Path.GetFileName(line.Split('\0')[0]) == program) && line.Contains(argument, StringComparison.Ordinal)
           select int.Parse(name, CultureInfo.InvariantCulture),
    ];

    /// <summary>Resident memory now, in bytes.</summary>
    public static long ResidentBytes(int pid) => Status(pid, "VmRSS:");

    /// <summary>The same of a process and its children together; what they share counts for each.</summary>
    public static long FamilyResidentBytes(int pid) => Family(pid).Sum(ResidentBytes);

    /// <summary>Resident memory at its highest, in bytes.</summary>
    public static long PeakBytes(int pid) => Status(pid, "VmHWM:");

    /// <summary>Calls of <c>read</c> and its kin on files, and bytes they returned, so far (proc(5), <c>io</c>).</summary>
    public static (long Calls, long Bytes) Reads(int pid)
    {
        var lines = File.ReadAllLines($"/proc/{pid}/io");
        return (Value(lines, "syscr:"), Value(lines, "rchar:"));
    }

    /// <summary>Sends a signal, when it still is there.</summary>
    public static void Signal(int pid, string signal)
    {
        using var kill = Tool.Start("kill", ["-" + signal, pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Sends SIGTERM and waits; kills after ten seconds.</summary>
    public static async Task StopAsync(Process process)
    {
        await Tool.RunAsync("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static IEnumerable<int> Family(int pid)
    {
        yield return pid;
        foreach (var child in File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return int.Parse(child, CultureInfo.InvariantCulture);
        }
    }

    private static double[] Times(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return [.. fields[11..15].Select(f => Number(f) / 100.0)]; // USER_HZ is 100 on every Linux architecture that .NET runs on
    }

    // Empty for one that is gone or a zombie.
    private static string CommandLine(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static long Status(int pid, string field) => Value(File.ReadAllLines($"/proc/{pid}/status"), field) * 1024;

    private static long Value(string[] lines, string field)
    {
        var line = lines.First(l => l.StartsWith(field, StringComparison.Ordinal))[field.Length..];
        return Number(line.Replace("kB", "", StringComparison.Ordinal).Trim());
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
