namespace Sluice.Server.Store.S3;

/// <summary>A folder on local disk whose files are uploaded when it is committed. Until then, and for whoever holds it, they are files like any other.</summary>
/// <param name="folder">The folder; removed with the stage.</param>
/// <param name="commit">Uploads it; told whether it leaves what it has uploaded when it fails.</param>
internal sealed class S3Stage(string folder, Func<string, bool, CancellationToken, Task> commit) : IObjectStage
{
    /// <inheritdoc />
    public string PathOf(string name) => LocalObjectStore.Contained(folder, name);

    /// <inheritdoc />
    public ValueTask FlushAsync(CancellationToken ct) => ValueTask.CompletedTask; // What survives a power cut is what is in the bucket.

    /// <inheritdoc />
    public async ValueTask CommitAsync(CancellationToken ct) => await commit(folder, false, ct);

    /// <inheritdoc />
    public async ValueTask CommitUnlessLostAsync(CancellationToken lost) => await commit(folder, true, lost);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return ValueTask.CompletedTask;
    }
}
