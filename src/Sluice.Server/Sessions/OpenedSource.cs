using Sluice.Server.Catalog;

namespace Sluice.Server.Sessions;

/// <summary>What a session plays, ready to be played. Disposing of it leaves nothing behind.</summary>
internal abstract class OpenedSource : IAsyncDisposable
{
    /// <summary>Shown to people; text only.</summary>
    public abstract string Title { get; }

    /// <summary>The asset that is played; null when it is a channel.</summary>
    public virtual AssetId? Asset => null;

    /// <summary>The channel that is played; null when it is an asset.</summary>
    public virtual string? Channel => null;

    /// <summary>Names what people watch: it stays the same when only what is made of it becomes another.</summary>
    public virtual string Film => Asset?.Value ?? Channel ?? "";

    /// <summary>Somebody is seen to watch, whether or not that page says so.</summary>
    public virtual bool IsWatched => false;

    /// <summary>Why it cannot be played any more; null while it can.</summary>
    public virtual string? Fault => null;

    /// <summary>Bytes that came from elsewhere for it.</summary>
    public virtual long FetchedBytes => 0;

    /// <summary>Bytes of all of it; null when that is not known, or nothing is fetched.</summary>
    public virtual long? SizeBytes => null;

    /// <summary>Removes what was made for it, and leaves what it was made of: something else plays that.</summary>
    public virtual ValueTask ClearAsync() => DisposeAsync();

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}
