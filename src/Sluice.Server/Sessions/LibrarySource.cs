using Sluice.Server.Catalog;

namespace Sluice.Server.Sessions;

/// <summary>A title of the library: a session adds nothing to it, and takes nothing from it when it ends. Whoever revokes the title's links means this one too.</summary>
internal sealed class LibrarySource(Asset asset, AssetDirectory assets) : OpenedSource
{
    /// <inheritdoc />
    public override string? Fault =>
        assets.TryGet(asset.Id, out var now) && now.Epoch != asset.Epoch ? "The links to this title were revoked." : null;

    /// <inheritdoc />
    public override string Title => asset.Title;

    /// <inheritdoc />
    public override AssetId? Asset => asset.Id;

    /// <inheritdoc />
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
