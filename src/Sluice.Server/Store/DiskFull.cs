namespace Sluice.Server.Store;

/// <summary>Tells a full disk from other trouble with files.</summary>
internal static class DiskFull
{
    /// <summary>What a person is told of work that waits for room.</summary>
    public const string Reason =
        "the disk is full: remove titles, make room otherwise, or lower storage.reserveBytes; it goes on by itself when there is room";

    private const int NoSpaceLeft = 28; // ENOSPC: .NET hands errno through as the HResult on Unix
    private const int QuotaExceeded = 122; // EDQUOT
    private const int WindowsDiskFull = unchecked((int)0x80070070); // ERROR_DISK_FULL

    /// <summary>Whether the exception says that no more can be written.</summary>
    public static bool Is(IOException e) => e.HResult is NoSpaceLeft or QuotaExceeded or WindowsDiskFull;

    /// <summary>Makes sure of so much room above the reserve. What others write at the same time is not known.</summary>
    /// <exception cref="IOException">There is less; <see cref="Is"/> knows it.</exception>
    public static void Require(IObjectStore store, long bytes)
    {
        if (store.FreeBytes < bytes)
        {
            throw new IOException("No space left above the reserve.", NoSpaceLeft);
        }
    }
}
