using Sluice.Server.Tests.Support;
using Sluice.Tests;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A film that nobody may read, and that knows when somebody has.</summary>
internal sealed class FileCanary : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-secret-");
    private readonly FileSystemWatcher _watcher;
    private int _reads;

    private FileCanary()
    {
        Path = System.IO.Path.Combine(_folder.FullName, "film.ts");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:r=25:d=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25", Path);
        _watcher = new FileSystemWatcher(_folder.FullName) { NotifyFilter = NotifyFilters.LastAccess };
        _watcher.Changed += (_, _) => Interlocked.Increment(ref _reads);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>The film.</summary>
    public string Path { get; }

    /// <summary>How often it was read, since it was made.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Makes one, and sees that it notices.</summary>
    public static async Task<FileCanary> MakeAsync()
    {
        var canary = new FileCanary();
        await File.ReadAllBytesAsync(canary.Path);
        if (!await Eventually.Holds(() => canary.Reads > 0))
        {
            throw new InvalidOperationException("This machine does not tell when a file is read.");
        }

        Interlocked.Exchange(ref canary._reads, 0);
        return canary;
    }

    public void Dispose()
    {
        _watcher.Dispose();
        _folder.Delete(recursive: true);
    }
}
