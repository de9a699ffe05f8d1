using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>
/// The store seam: immutable objects, a folder of them per asset. An asset's objects are made in a stage and become
/// visible together, or not at all.
/// </summary>
internal interface IObjectStore
{
    /// <summary>A new private place on local disk in which the objects of one asset are made.</summary>
    IObjectStage Stage(AssetId asset);

    /// <summary>Where several servers share the store, another one may have changed the asset: what is known of it here is looked up again when somebody asks next.
    /// Costs nothing by itself.</summary>
    /// <param name="asset">Which.</param>
    /// <param name="revision">The catalog's; looked up once for each. Null: whatever it is.</param>
    void Doubt(AssetId asset, int? revision)
    {
    }

    /// <summary>Opens an object for reading by range; null when it is not there.</summary>
    ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken ct);

    /// <summary>Adds or atomically replaces one object of an asset that is already committed, from a local file that
    /// is moved away.</summary>
    ValueTask PutAsync(ObjectKey key, string localPath, CancellationToken ct);

    /// <summary>Has a staged file, equal to a stored object byte for byte, share that object's place on the disk. Removing either leaves the other.</summary>
    /// <returns>False, and the file stays as it is, when the object is gone or the store cannot do that.</returns>
    ValueTask<bool> TryShareAsync(ObjectKey key, string stagedPath, CancellationToken ct);

    /// <summary>Removes one object; nothing happens when it is not there. Who reads it reads on.</summary>
    ValueTask RemoveAsync(ObjectKey key, CancellationToken ct);

    /// <summary>Removes all chunks of one rendition, also those that a killed process stored and never published.</summary>
    ValueTask RemoveChunksAsync(AssetId asset, string rendition, CancellationToken ct);

    /// <summary>Chunks of an asset that are stored, whether anybody published them or not. Empty where no other server shares the store.</summary>
    ValueTask<IReadOnlyList<ObjectKey>> ListChunksAsync(AssetId asset, CancellationToken ct) => new([]);

    /// <summary>Path of an object on this machine's disk, for programs that read files; null when it is not there or
    /// the store is elsewhere.</summary>
    string? LocalPathOf(ObjectKey key);

    /// <summary>An object as a file on this machine's disk: the object itself, or where the store is elsewhere a copy that goes when it is disposed of. Null when
    /// it is not there.</summary>
    /// <exception cref="IOException">There is no room for a copy, or it could not be read.</exception>
    ValueTask<LocalFile?> FileOfAsync(ObjectKey key, CancellationToken ct) =>
        new(LocalPathOf(key) is { } path ? new LocalFile(path) : null);

    /// <summary>The catalog has the asset: its objects stay from here on, whatever becomes of the catalog.</summary>
    ValueTask ConfirmAsync(AssetId asset, CancellationToken ct);

    /// <summary>The asset is about to leave the catalog: without a row its objects are leavings. Nothing happens when
    /// there are none.</summary>
    ValueTask UnconfirmAsync(AssetId asset, CancellationToken ct);

    /// <summary>Whether the asset's objects were committed and not confirmed, or unconfirmed since.</summary>
    ValueTask<bool> IsUnconfirmedAsync(AssetId asset, CancellationToken ct);

    /// <summary>Removes all objects of an asset; nothing happens when there are none.</summary>
    ValueTask DeleteAsync(AssetId asset, CancellationToken ct);

    /// <summary>Every asset that has committed objects; where objects cannot come and go in one step, those too of which an interrupted process left some,
    /// which are unconfirmed.</summary>
    IAsyncEnumerable<AssetId> ListAsync(CancellationToken ct);

    /// <summary>Unconfirmed assets that this server was at work on when it was killed, or another one that did not come back for a day. Right before this server
    /// begins to work. Empty where no other server shares the store.</summary>
    ValueTask<IReadOnlyCollection<AssetId>> LeftAsync(CancellationToken ct) => new([]);

    /// <summary>Leaves one of <see cref="LeftAsync"/> to another server that has marked it since, which confirms it or clears it up: only this server's mark goes.</summary>
    /// <returns>False when there is no other one, and nothing happens.</returns>
    ValueTask<bool> LeaveToOthersAsync(AssetId asset, CancellationToken ct) => new(false);

    /// <summary>Removes what an interrupted process left in stages.</summary>
    void ClearStages();

    /// <summary>Whether objects lie on another server once they are stored: what needs much of them is better done in the stage.</summary>
    bool IsElsewhere => false;

    /// <summary>Bytes that can still be staged, less the configured reserve; <see cref="long.MaxValue"/> when unknown.</summary>
    long FreeBytes { get; }
}

/// <summary>Objects in the making. Disposing without <see cref="CommitAsync"/> removes them all.</summary>
internal interface IObjectStage : IAsyncDisposable
{
    /// <summary>Local path at which the object of this name is to be written; inside this stage only.</summary>
    string PathOf(string name);

    /// <summary>What is in this stage outlives a power cut from here on.</summary>
    ValueTask FlushAsync(CancellationToken ct);

    /// <summary>Makes all objects of this stage visible under the asset at once, unconfirmed. One that fails or is cancelled leaves nothing.</summary>
    ValueTask CommitAsync(CancellationToken ct);

    /// <summary>The same for as long as the asset is this server's: when it may be another's meanwhile, this ends. Where others share the store it leaves what is there,
    /// unconfirmed, whyever it ends: what it knows of whose that is may be old.</summary>
    /// <exception cref="OperationCanceledException">It was lost.</exception>
    ValueTask CommitUnlessLostAsync(CancellationToken lost) => CommitAsync(CancellationToken.None);
}

/// <summary>Random access to one immutable object. Safe for concurrent reads; dispose when the last is done.</summary>
internal interface IObjectReader : IDisposable
{
    /// <summary>Size in bytes.</summary>
    long Length { get; }

    /// <summary>Reads up to <paramref name="destination"/>'s length at <paramref name="offset"/>; 0 at the end. Completes
    /// synchronously on local disk.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct);

    /// <summary>Makes sure that bytes at <paramref name="offset"/> can be read, as long as trouble can still be told in an answer's status. Nothing to
    /// do for what lies on a disk.</summary>
    /// <exception cref="SourceUnavailableException">They cannot.</exception>
    ValueTask PrepareAsync(long offset, CancellationToken ct) => ValueTask.CompletedTask;

    /// <summary>As that, for all that is going to be read: where every part may be missing by itself (a torrent), all of it; else its beginning, the rest
    /// comes behind.</summary>
    /// <exception cref="SourceUnavailableException">They cannot.</exception>
    ValueTask PrepareAsync(IReadOnlyList<BytePart> parts, CancellationToken ct) =>
        parts.Count == 0 ? ValueTask.CompletedTask : PrepareAsync(parts[0].Offset, ct);

    /// <summary>Whether it lies on another server: to read from it may take as long as that one pleases.</summary>
    bool IsElsewhere => false;

    /// <summary>Whether the object is not there any more as it was opened, though nobody here removed it. Opened anew, it is what is there now.</summary>
    bool IsLost => false;
}
