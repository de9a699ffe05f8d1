using System.Globalization;

namespace Sluice.Server.Processes;

/// <summary>
/// The small programs that stand in front of a child and then become it (each ends in an exec, so there is one process):
/// <c>setsid</c> puts it into a group of its own, <c>setpriv</c> has the kernel kill it when this server dies, <c>sh</c> ends if the server had
/// died before that, <c>prlimit</c> bounds it, <c>nice</c> has it stand back. Where one is missing, children run without it.
/// </summary>
internal sealed class ChildGuards
{
    // A process gets this much time to obey XCPU before KILL.
    private const int CpuGraceSeconds = 2;

    // Without a folder on PATH, as in some service managers, they are still here.
    private const string UsualFolders = "/usr/bin:/bin:/usr/sbin:/sbin";

    /// <summary>A parent that died before its signal was set is not this server any more.</summary>
    private const string OnlyForParent = "test \"$PPID\" = \"$0\" && exec \"$@\"";

    private readonly string? _session;
    private readonly string? _deathSignal;
    private readonly string? _shell;
    private readonly string? _limits;
    private readonly string? _nice;

    /// <summary>Looks for them.</summary>
    /// <param name="searchPath">Folders, separated as in the environment variable PATH.</param>
    public ChildGuards(string searchPath)
    {
        _session = Find("setsid", searchPath, inBusyBox: true);
        _deathSignal = Find("setpriv", searchPath, inBusyBox: false);
        _shell = Find("sh", searchPath, inBusyBox: true);
        _limits = Find("prlimit", searchPath, inBusyBox: false);
        _nice = Find("nice", searchPath, inBusyBox: true);
    }

    /// <summary>Those of this machine.</summary>
    public static ChildGuards System { get; } = new(OperatingSystem.IsLinux() ? $"{ProgramSearch.SystemPath}:{UsualFolders}" : "");

    /// <summary>Children lead a process group, named like their process.</summary>
    public bool HasOwnGroup => _session is not null;

    /// <summary>What is missing and what that means, in words for a person; null when nothing is.</summary>
    public string? Missing
    {
        get
        {
            string?[] missing =
            [
                _session is null ? "setsid" : null, _deathSignal is null ? "setpriv" : null,
                _limits is null ? "prlimit" : null, _nice is null ? "nice" : null,
            ];
            return Array.TrueForAll(missing, name => name is null)
                ? null
                : $"{string.Join(", ", missing.Where(name => name is not null))} not found; ffmpeg runs without "
                    + (_limits is null ? "limits" : "that guard") + (_deathSignal is null ? " and may outlive a server that crashes" : "");
        }
    }

    /// <summary>The whole command line: guards, program, arguments.</summary>
    public List<string> CommandLine(ChildCommand command)
    {
        List<string> line = [];
        var limits = command.Limits;
        if (_session is not null)
        {
            line.Add(_session);
        }

        if (_deathSignal is not null)
        {
            line.AddRange([_deathSignal, "--pdeathsig", "KILL", "--no-new-privs"]);
            if (_shell is not null)
            {
                line.AddRange([_shell, "-c", OnlyForParent, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
            }
        }

        if (_limits is not null)
        {
            line.AddRange([_limits, "--core=0"]);
            AddLimit(line, "data", limits.MemoryBytes, 0);
            AddLimit(line, "cpu", limits.CpuSeconds, CpuGraceSeconds);
            AddLimit(line, "fsize", limits.FileBytes, 0);
        }

        if (_nice is not null && limits.Nice > 0)
        {
            line.AddRange([_nice, "-n", limits.Nice.ToString(CultureInfo.InvariantCulture)]);
        }

        line.Add(command.Program);
        line.AddRange(command.Arguments);
        return line;
    }

    /// <summary>The kernel will kill that child when this server dies. In its first moments it does not yet, and one that is halted then
    /// would stay for ever.</summary>
    public bool HasPassed(int processId)
    {
        if (_deathSignal is null)
        {
            return true;
        }

        try
        {
            // Before its first exec the child is a copy of this process.
            var program = File.ResolveLinkTarget($"/proc/{processId}/exe", returnFinalTarget: false)?.FullName;
            return program is not null && program != Environment.ProcessPath && !IsProgram(_session, program) && !IsProgram(_deathSignal, program);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It is gone, or somebody else's: then it need not be halted.
        }
    }

    private static bool IsProgram(string? path, string program) =>
        path is not null && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path) is var real && (real == program || "/usr" + real == program);

    private static void AddLimit(List<string> line, string resource, long? soft, int grace)
    {
        if (soft is { } value)
        {
            line.Add(string.Create(CultureInfo.InvariantCulture, $"--{resource}={value}:{value + grace}"));
        }
    }

    /// <summary>BusyBox has programs of these names that do not know the options.</summary>
    private static string? Find(string name, string searchPath, bool inBusyBox) =>
        ProgramSearch.Find(name, searchPath) is { } path
        && (inBusyBox || File.ResolveLinkTarget(path, returnFinalTarget: true)?.Name is not "busybox")
            ? path
            : null;
}
