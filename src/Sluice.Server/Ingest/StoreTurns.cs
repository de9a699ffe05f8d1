using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Nodes;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>
/// Where several servers share a store, one at a time makes the objects of a title, or clears up what was left of it. Whoever goes on with the upload, import or session of
/// another server makes a title of the same id: what that one left, and finds when it starts again, may be what is being made anew.
/// </summary>
internal sealed class StoreTurns(Holds holds, IObjectStore store, SluiceOptions options, TimeProvider clock)
{
    /// <summary>A server without a sign of life for so long makes nothing any more.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(9);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Takes the turn, when no other server has it any more. Null where no other server shares the store, and none is needed.</summary>
    public async Task<Hold?> TakeAsync(AssetId id, CancellationToken ct)
    {
        if (!store.IsElsewhere || !options.Storage.IsShared())
        {
            return null;
        }

        Hold? turn;
        while ((turn = await TryTakeAsync(id, ct)) is null)
        {
            await Task.Delay(Pause, clock, ct);
        }

        return turn;
    }

    /// <summary>Takes the turn; null when another server has it.</summary>
    public Task<Hold?> TryTakeAsync(AssetId id, CancellationToken ct) => holds.TryTakeAsync($"title {id}", Length, ct);
}
