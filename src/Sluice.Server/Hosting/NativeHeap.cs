using System.Runtime.InteropServices;

namespace Sluice.Server.Hosting;

/// <summary>The C library's heap, of which the runtime and SQLite take memory.</summary>
internal static class NativeHeap
{
    /// <summary>M_ARENA_MAX of glibc's malloc.h.</summary>
    private const int ArenaMax = -8;

    private const int Arenas = 2;

    /// <summary>
    /// To be called first. glibc gives every other thread an arena of its own, eight for each processor, and what was freed in one is not used by
    /// another: with threads that come and go a server grows for hours. Nothing here takes native memory so often that two are too few.
    /// </summary>
    public static void LimitArenas()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(ArenaMax, Arenas);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, without arenas.
        }
    }

    /// <summary>What was taken and is free again goes back to the system: after a start, what the runtime needed to compile.</summary>
    public static void Trim()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, that does it by itself.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetOption(int option, int value);

    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Trim(nuint keep);
}
