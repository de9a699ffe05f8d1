namespace Sluice.Server.Catalog;

/// <summary>The start of a process over a catalog. Until it is disposed of, other processes that start over the same one wait.</summary>
/// <param name="isAlone">No other process works with the catalog: whatever looks unfinished there, nobody is at work on.</param>
/// <param name="end">Lets others start.</param>
internal sealed class CatalogEntry(bool isAlone, Func<ValueTask> end) : IAsyncDisposable
{
    /// <summary>Whether leavings of others may be cleared up.</summary>
    public bool IsAlone => isAlone;

    /// <inheritdoc />
    public ValueTask DisposeAsync() => end();
}
