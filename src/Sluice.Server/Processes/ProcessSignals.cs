using System.Runtime.InteropServices;

namespace Sluice.Server.Processes;

/// <summary>Signals to a process and its group (POSIX <c>kill</c>), which the framework does not offer.</summary>
internal static class ProcessSignals
{
    /// <summary>KILL: ends it, whatever it thinks of that.</summary>
    public const int Kill = 9;

    /// <summary>STOP: halts it. The number differs between systems.</summary>
    public static int Stop => OperatingSystem.IsLinux() ? 19 : 17;

    /// <summary>CONT: has it go on.</summary>
    public static int Continue => OperatingSystem.IsLinux() ? 18 : 19;

    /// <summary>Sends to the group that the process leads and to the process itself, which in its very first moments may not
    /// lead one yet. Those that are gone are passed over.</summary>
    public static void Send(int processId, int signal)
    {
        if (!OperatingSystem.IsWindows() && processId > 1)
        {
            _ = SendTo(-processId, signal);
            _ = SendTo(processId, signal);
        }
    }

    /// <summary>Sends to what is left of the group of a process that is gone.</summary>
    public static void SendToGroup(int processId, int signal)
    {
        if (!OperatingSystem.IsWindows() && processId > 1)
        {
            _ = SendTo(-processId, signal);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendTo(int processId, int signal);
}
