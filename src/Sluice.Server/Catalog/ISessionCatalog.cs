namespace Sluice.Server.Catalog;

/// <summary>Sessions that several servers know of. Who has one holds it besides (<see cref="IHoldCatalog"/>). The contract suite of the catalog runs against it.</summary>
internal interface ISessionCatalog
{
    /// <summary>Adds one, unless another one that has not ended has its source. One of the same owner gives the source up: that is ending.</summary>
    /// <returns>False when nothing was added.</returns>
    Task<bool> AddSessionAsync(SessionRow row, DateTimeOffset now, CancellationToken ct);

    /// <summary>Writes all but the source and the beginning of one that is still the owner's.</summary>
    /// <returns>False when it is not.</returns>
    Task<bool> UpdateSessionAsync(SessionRow row, CancellationToken ct);

    /// <summary>It is this owner's from here on.</summary>
    /// <returns>False when there is none.</returns>
    Task<bool> OwnSessionAsync(AssetId id, string owner, CancellationToken ct);

    /// <summary>Removes one that is still the owner's; false when it is not.</summary>
    Task<bool> RemoveSessionAsync(AssetId id, string owner, CancellationToken ct);

    /// <summary>Removes all: there is no server that has one.</summary>
    Task ClearSessionsAsync(CancellationToken ct);

    /// <summary>The session, or null.</summary>
    Task<SessionRow?> FindSessionAsync(AssetId id, CancellationToken ct);

    /// <summary>The session that plays this channel or asset, or null.</summary>
    Task<SessionRow?> FindSessionOfAsync(string plays, CancellationToken ct);

    /// <summary>The session of this source, or null.</summary>
    Task<SessionRow?> FindSessionBySourceAsync(string source, CancellationToken ct);

    /// <summary>All of them, the newest first.</summary>
    Task<IReadOnlyList<SessionRow>> ListSessionsAsync(CancellationToken ct);

    /// <summary>Ids of the assets of this <see cref="Asset.Owner"/>.</summary>
    Task<IReadOnlyList<AssetId>> OwnedAsync(string owner, CancellationToken ct);
}
