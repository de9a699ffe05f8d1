namespace Sluice.Server.Store;

/// <summary>
/// A second name for a file that comes from elsewhere. A stage is emptied when the server is started again: what was moved into it is lost
/// with the process, what has a name elsewhere too is not.
/// </summary>
internal static class FileTwin
{
    /// <summary>Makes a file known under another name: by a hard link, or, where there are none (another disk, another system), by a copy.</summary>
    /// <exception cref="IOException">No room for a copy above the reserve of the store, or the file cannot be read.</exception>
    public static async Task MakeAsync(string file, string twin, IObjectStore store, CancellationToken ct)
    {
        if (HardLink.TryMake(file, twin))
        {
            return;
        }

        await using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        DiskFull.Require(store, from.Length);
        await using var to = new FileStream(twin, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        await from.CopyToAsync(to, 1 << 20, ct);
    }
}
