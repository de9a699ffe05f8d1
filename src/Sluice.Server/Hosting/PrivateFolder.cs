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
}
