namespace Sluice.Server.Store;

/// <summary>A folder under <c>stage/</c> that becomes an asset's folder by one rename.</summary>
internal sealed class LocalObjectStage(string folder, string target) : IObjectStage
{
    private bool _committed;

    /// <inheritdoc />
    public string PathOf(string name) => LocalObjectStore.Contained(folder, name);

    /// <inheritdoc />
    public ValueTask FlushAsync(CancellationToken ct)
    {
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            ct.ThrowIfCancellationRequested();
            using var file = File.OpenHandle(path, access: FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(file);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask CommitAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        LocalObjectStore.Mark(folder);
        Directory.Move(folder, target);
        _committed = true;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        if (!_committed && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return ValueTask.CompletedTask;
    }
}
