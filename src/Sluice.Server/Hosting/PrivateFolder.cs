namespace Sluice.Server.Hosting;

/// <summary>The data folder: made for its owner's eyes only, since secrets and private media lie in it.</summary>
internal static class PrivateFolder
{
    /// <summary>Makes the folder when it is missing; one that is there keeps the mode that its owner gave it.</summary>
    /// <exception cref="SetupException">It cannot be made.</exception>
    public static void Ensure(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(
                    path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The data folder '{path}' cannot be made: {e.Message}", e);
        }
    }

    /// <summary>Closes to others what lies inside, whatever the folder's own mode and the umask are. SQLite gives its
    /// side files the mode of the catalog.</summary>
    /// <exception cref="SetupException">It cannot be done.</exception>
    public static void Restrict(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            const UnixFileMode ownFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            foreach (var folder in (string[])["media", "stage"])
            {
                var inside = Directory.CreateDirectory(Path.Combine(path, folder));
                SetMode(inside, ownFile | UnixFileMode.UserExecute);
            }

            var catalog = new FileInfo(Path.Combine(path, "catalog.db"));
            using (new FileStream(catalog.FullName, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite,
                UnixCreateMode = ownFile,
            }))
            {
                foreach (var file in new DirectoryInfo(path).EnumerateFiles("catalog.db*"))
                {
                    SetMode(file, ownFile);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The data folder '{path}' cannot be closed to others: {e.Message}", e);
        }
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void SetMode(FileSystemInfo entry, UnixFileMode mode)
    {
        if (entry.UnixFileMode != mode)
        {
            entry.UnixFileMode = mode;
        }
    }
}
