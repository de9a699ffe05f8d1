namespace Sluice.Server.Store;

/// <summary>Files that were published for players under flat names, wherever they lie: a key-value store, a folder.</summary>
internal interface IPublishedFiles
{
    /// <summary>Opens a file; null when there is none of this name. The name is one that <see cref="PublishedName"/> lets through. Dispose of it.</summary>
    /// <exception cref="PublishedFileException">It cannot be had.</exception>
    ValueTask<PublishedFile?> OpenAsync(string name, CancellationToken ct);
}

/// <summary>A published file. For one reader, who goes from front to back from wherever he begins.</summary>
/// <param name="Body">Its bytes. Reading them throws <see cref="PublishedFileException"/>.</param>
/// <param name="ETag">Strong entity tag, quoted.</param>
/// <param name="Headers">What is told to whoever reads it besides.</param>
internal sealed record PublishedFile(IObjectReader Body, string ETag, IReadOnlyList<KeyValuePair<string, string>> Headers) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Body.Dispose();
}

/// <summary>A published file cannot be had. The message is a sentence for a viewer and names no address.</summary>
internal class PublishedFileException(string reason, Exception? inner = null) : IOException(reason, inner)
{
    /// <summary>It may go better another time.</summary>
    public bool MayPass { get; init; }
}
