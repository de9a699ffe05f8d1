using System.Runtime.InteropServices;

namespace Sluice.Server.Store;

/// <summary>A second name of a file (POSIX <c>link</c>), which the framework does not offer. The bytes stay until the last name is removed.</summary>
internal static class HardLink
{
    /// <summary>Gives the file at <paramref name="existing"/> the name <paramref name="added"/>, which must be free.</summary>
    /// <returns>False when this disk has no such thing, or the names are on two disks.</returns>
    public static bool TryMake(string existing, string added) => OperatingSystem.IsWindows()
        ? CreateHardLinkW(added, existing, 0)
        : Link(existing, added) == 0;

    /// <summary>The same; where the disk has no such thing, the file is copied.</summary>
    public static void MakeOrCopy(string existing, string added)
    {
        if (!TryMake(existing, added))
        {
            File.Copy(existing, added);
        }
    }

    [DllImport("libc", EntryPoint = "link")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string added);

    [DllImport("kernel32", CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool CreateHardLinkW(string added, string existing, nint security);
}
