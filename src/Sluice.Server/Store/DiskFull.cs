namespace Sluice.Server.Store;

/// <summary>Tells a full disk from other trouble with files.</summary>
internal static class DiskFull
{
    private const int NoSpaceLeft = 28; // ENOSPC: .NET hands errno through as the HResult on Unix
    private const int QuotaExceeded = 122; // EDQUOT
    private const int WindowsDiskFull = unchecked((int)0x80070070); // ERROR_DISK_FULL

    /// <summary>Whether the exception says that no more can be written.</summary>
    public static bool Is(IOException e) => e.HResult is NoSpaceLeft or QuotaExceeded or WindowsDiskFull;
}
