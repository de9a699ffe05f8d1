namespace Sluice.Server.Tests.Processes;

/// <summary>What every user of this machine may read of the programs that run.</summary>
internal static class CommandLines
{
    /// <summary>Those of all programs; arguments are separated by spaces.</summary>
    public static string[] All()
    {
        Shell.RequireLinux();
        return [.. Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Select(Read)];
    }

    private static string Read(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return ""; // It has ended.
        }
    }
}
