using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>
/// One file that lies somewhere else, on another server or in a torrent, and is read from there in parts while a session plays it.
/// Disposing of it leaves nothing behind.
/// </summary>
internal abstract class SessionFile : IAsyncDisposable
{
    /// <summary>Its name, fit to be shown as text; never a path.</summary>
    public abstract string FileName { get; }

    /// <summary>Reads it at any offset; waits for what is not here. Fails with <see cref="SourceUnavailableException"/> alone.</summary>
    public abstract IObjectReader Reader { get; }

    /// <summary>Bytes of all of it.</summary>
    public long Length => Reader.Length;

    /// <summary>Bytes that came from elsewhere for it.</summary>
    public abstract long FetchedBytes { get; }

    /// <summary>Why it cannot be read any more; null while it can.</summary>
    public virtual string? Fault => null;

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}
