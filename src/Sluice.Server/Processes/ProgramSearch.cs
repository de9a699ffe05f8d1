namespace Sluice.Server.Processes;

/// <summary>Finds programs by name, as a shell does.</summary>
internal static class ProgramSearch
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The search path of this process.</summary>
    public static string SystemPath => Environment.GetEnvironmentVariable("PATH") ?? "";

    /// <summary>Full path of the first file of this name on a search path that may be run, or null.</summary>
    /// <param name="name">Name without folder and, on Windows, without extension.</param>
    /// <param name="searchPath">Folders, separated as in the environment variable PATH.</param>
    public static string? Find(string name, string searchPath) => searchPath
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Where(Path.IsPathFullyQualified)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))
        .FirstOrDefault(IsProgram);

    /// <summary>Whether this file is there and may be run.</summary>
    public static bool IsProgram(string path) => File.Exists(path)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != UnixFileMode.None);
}
