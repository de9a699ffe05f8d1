using Sluice.Server.Catalog;

namespace Sluice.Server.Access;

/// <summary>Tells who wants to know that somebody plays an asset: of every request for playback that the gate lets through. Whoever listens must not block.</summary>
internal sealed class PlaybackActivity
{
    /// <summary>An asset is being played; in a session, when the second one is given.</summary>
    public event Action<AssetId, AssetId?>? Played;

    /// <summary>A request for this asset was let through, with links that were given out in that session, or in none.</summary>
    public void Tell(AssetId asset, AssetId? session) => Played?.Invoke(asset, session);
}
