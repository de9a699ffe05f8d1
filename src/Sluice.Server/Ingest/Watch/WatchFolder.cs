using Sluice.Server.Hosting;

namespace Sluice.Server.Ingest.Watch;

/// <summary>
/// Takes the files of a folder as they stop growing: those that had the same size and time at two looks, some seconds apart. It is looked at
/// again and again; the notices that systems give get lost, do not exist on every disk, and say nothing of a file's end.
/// </summary>
internal sealed partial class WatchFolder(WatchedFile files, SluiceOptions options, TimeProvider clock, ILogger<WatchFolder> logger)
    : BackgroundService
{
    /// <summary>Names that programs give to what they have not finished yet.</summary>
    private static readonly string[] Unfinished = [".part", ".partial", ".tmp", ".crdownload", ".filepart", ".download", ".!qb", ".aria2"];

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Ingest.Watch!));
    private readonly TimeSpan _settles = TimeSpan.FromSeconds(options.Ingest.WatchSeconds);
    private Dictionary<string, Sighting> _seen = new(StringComparer.Ordinal);

    /// <inheritdoc />
    /// <exception cref="SetupException">The folder is a part of the data folder, or holds it.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Storage.Data));
        if (Holds(data, _root) || Holds(_root, data))
        {
            throw new SetupException("ingest.watch must be a folder outside of storage.data: what lies there is taken away.");
        }

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await LookAsync(stoppingToken);
                await Task.Delay(_settles, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left lies there for the next start.
        }
    }

    private static bool Holds(string folder, string path) =>
        path == folder || path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>One look: takes what has settled, and remembers the rest.</summary>
    private async Task LookAsync(CancellationToken ct)
    {
        var seen = new Dictionary<string, Sighting>(StringComparer.Ordinal);
        foreach (var file in List())
        {
            var sighting = new Sighting(file.Length, file.LastWriteTimeUtc, clock.GetUtcNow());
            if (_seen.TryGetValue(file.FullName, out var before) && before.IsAlike(sighting))
            {
                var settled = sighting.Since - before.Since >= _settles;
                sighting = settled && !before.IsOver ? before with { IsOver = await TryTakeAsync(file, ct) } : before;
            }

            seen[file.FullName] = sighting;
        }

        _seen = seen;
    }

    private async Task<bool> TryTakeAsync(FileInfo file, CancellationToken ct)
    {
        try
        {
            return await files.TakeAsync(_root, file, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.Failed(logger, e);
            return false;
        }
    }

    private FileInfo[] List()
    {
        try
        {
            return [.. FilesIn(new DirectoryInfo(_root), options.Ingest.WatchFolders)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Failed(logger, e);
            return [];
        }
    }

    private static IEnumerable<FileInfo> FilesIn(DirectoryInfo folder, bool andBelow)
    {
        // Links are not followed: who may write here should not be able to have any file of this machine published.
        foreach (var entry in folder.GetFileSystemInfos().Where(e => !e.Attributes.HasFlag(FileAttributes.ReparsePoint) && e.Name[0] is not ('.' or '~')))
        {
            if (entry is FileInfo { Length: > 0 } file && !Unfinished.Contains(file.Extension.ToLowerInvariant()))
            {
                yield return file;
            }
            else if (entry is DirectoryInfo below && andBelow && below.Name != WatchedFile.FailedFolder)
            {
                foreach (var inner in FilesIn(below, andBelow))
                {
                    yield return inner;
                }
            }
        }
    }

    /// <summary>A file as it was first seen so.</summary>
    private readonly record struct Sighting(long Bytes, DateTime Written, DateTimeOffset Since, bool IsOver = false)
    {
        public bool IsAlike(Sighting other) => Bytes == other.Bytes && Written == other.Written;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The watch folder cannot be worked on now; looked at again in a moment")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
