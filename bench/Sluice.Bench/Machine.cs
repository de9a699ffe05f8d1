using System.Globalization;
using System.Runtime.InteropServices;

namespace Sluice.Bench;

/// <summary>The machine by its facts; nothing that names it.</summary>
internal static class Machine
{
    /// <summary>One sentence's worth.</summary>
    public static string Describe()
    {
        var cpu = Fact("/proc/cpuinfo", "model name");
        var memory = long.Parse(Fact("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / 1048576.0;
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Split('-')[0];
        return string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores ({cpu}), {memory:F0} GiB memory, Linux {kernel}, .NET {Environment.Version}, {Peers()}");
    }

    /// <summary>What of the machine others take while a measurement begins, as a sentence; null when that is nothing to speak of.</summary>
    public static string? BusyWithOthers()
    {
        var load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        return load < 0.75 * Environment.ProcessorCount
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"**The machine was busy with other work** when this began: its load was {load:F1} on {Environment.ProcessorCount} cores.");
    }

    private static string Peers()
    {
        var nginx = File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
        var versions = new List<string> { RuntimeInformation.OSDescription };
        versions.Add("nginx " + First(nginx, "-v", "nginx/"));
        versions.Add("ffmpeg " + First("ffmpeg", "-version", "ffmpeg version "));
        versions.Add(First("wrk", "-v", ""));
        return string.Join(", ", versions);
    }

    // Some write their version to the error output, and wrk ends with 1 after it.
    private static string First(string program, string option, string after)
    {
        using var process = Tool.Start(program, [option]);
        var text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        var start = text.IndexOf(after, StringComparison.Ordinal) + after.Length;
        return string.Join(' ', text[start..].Split(' ', '\n', '-').Take(after.Length == 0 ? 2 : 1)).Trim();
    }

    private static string Fact(string file, string name) =>
        File.ReadLines(file).First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Trim();
}
