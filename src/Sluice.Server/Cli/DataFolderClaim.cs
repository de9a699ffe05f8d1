using Sluice.Server.Hosting;

namespace Sluice.Server.Cli;

/// <summary>
/// Makes sure that one server at a time works in a data folder: a start clears what an interrupted upload left, which
/// must not be another server's upload under way. The lock is the operating system's and ends with the process,
/// however that ends.
/// </summary>
internal sealed class DataFolderClaim : IDisposable
{
    private const string FileName = "lock";
    private readonly FileStream _lock;

    private DataFolderClaim(FileStream file) => _lock = file;

    /// <summary>Takes the folder, which is made when it is not there.</summary>
    /// <exception cref="CommandException">Another server has it, or it cannot be written.</exception>
    /// <exception cref="SetupException">It cannot be made.</exception>
    public static DataFolderClaim Take(string folder)
    {
        PrivateFolder.Ensure(folder);
        try
        {
            return new DataFolderClaim(new FileStream(
                Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException($"The data folder {folder} cannot be written.", "Change its owner, or give another with --data.");
        }
        catch (IOException)
        {
            var at = ServerFile.Read(folder) is { } other ? $" at {other.Url}" : "";
            throw new CommandException($"Another sluice works in the data folder {folder} already{at}.",
                "Publish there with `sluice add FILE`, stop it, or give another folder with --data.");
        }
    }

    /// <inheritdoc />
    public void Dispose() => _lock.Dispose();
}
