namespace Sluice.Server.Store;

/// <summary>An object as a file on this machine's disk, for programs that read files. Dispose of it when they are done.</summary>
/// <param name="path">The file.</param>
/// <param name="copy">The stage that it was copied to, and goes with; null when it is the object itself.</param>
internal sealed class LocalFile(string path, IObjectStage? copy = null) : IAsyncDisposable
{
    private const int PieceBytes = 256 * 1024;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Copies an object to a file that goes when it is disposed of, or with the next start; null when there is no such object.</summary>
    /// <exception cref="IOException">There is no room for it, or it cannot be read.</exception>
    public static async ValueTask<LocalFile?> CopyAsync(IObjectStore store, ObjectKey key, CancellationToken ct)
    {
        using var reader = await store.OpenAsync(key, ct);
        if (reader is null)
        {
            return null;
        }

        DiskFull.Require(store, reader.Length);
        var stage = store.Stage(key.Asset);
        try
        {
            var path = stage.PathOf(key.Name);
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            var piece = new byte[PieceBytes];
            for (var at = 0L; at < reader.Length;)
            {
                var count = await reader.ReadAsync(at, piece, ct);
                if (count <= 0)
                {
                    throw new SourceUnavailableException("An object of the store ended early.");
                }

                await file.WriteAsync(piece.AsMemory(0, count), ct);
                at += count;
            }

            return new LocalFile(path, stage);
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => copy?.DisposeAsync() ?? ValueTask.CompletedTask;
}
