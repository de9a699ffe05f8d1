using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>Where the encoded chunks of one session's title lie, and the room that was promised for them. They go with it.</summary>
/// <param name="room">The room.</param>
/// <param name="folder">Made when there is something to be kept; server-made name.</param>
internal sealed class SessionChunks(ScratchRoom room, string folder) : IDisposable
{
    /// <summary>Makes the store.</summary>
    public async Task<IObjectStore> MakeAsync(AssetId asset, CancellationToken ct)
    {
        var store = new LocalObjectStore(folder, reserveBytes: 0);
        await using var stage = store.Stage(asset);
        await stage.CommitAsync(ct); // A store takes objects of assets that it has.
        return store;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        finally
        {
            room.Dispose();
        }
    }
}
