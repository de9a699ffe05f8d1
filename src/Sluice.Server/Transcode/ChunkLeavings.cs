using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Nodes;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// Removes chunks that nobody published, where several servers encode: a worker stores a chunk before it publishes it, and may be killed, or lose its network, between the
/// two, also long after another one has made that chunk and the rendition was put together. So every title is looked at once more when its encoding has been over for a
/// while. How far that has come is in the catalog; one server at a time goes on with it.
/// </summary>
internal sealed partial class ChunkLeavings(
    ICatalog catalog, IObjectStore store, Holds holds, SluiceOptions options, TimeProvider clock, ILogger<ChunkLeavings> logger) : BackgroundService
{
    /// <summary>Longer than a worker goes on with a task that it has lost.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(45);

    private const string Turn = "chunk leavings";
    private const string Position = "chunks.swept";
    private const int Page = 100;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(15);

    /// <summary>Where the first look begins.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);

    private bool IsShared => store.IsElsewhere && options.Storage.IsShared() && options.Roles.Contains("worker");

    /// <summary>Looks at the titles whose encoding has been over for long enough, and were not looked at yet.</summary>
    public async Task SweepAsync(CancellationToken ct)
    {
        await using var turn = await holds.TryTakeAsync(Turn, ct);
        if (turn is null)
        {
            return;
        }

        var until = clock.GetUtcNow() - Late;
        var since = await PositionAsync(ct) ?? until - Before;
        foreach (var (asset, endedAt) in await catalog.EncodedAsync(since, until, Page, ct))
        {
            await SweepAsync(asset, ct);
            since = endedAt;
            await catalog.SetSettingAsync(Position, since.UtcTicks.ToString(CultureInfo.InvariantCulture), ct);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (IsShared)
        {
            try
            {
                await Task.Delay(BetweenLooks, clock, stoppingToken);
                await SweepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Failed(logger, e); // The catalog or the bucket is away.
            }
        }
    }

    private async Task<DateTimeOffset?> PositionAsync(CancellationToken ct) =>
        await catalog.GetSettingAsync(Position, ct) is { } ticks ? new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero) : null;

    private async Task SweepAsync(AssetId asset, CancellationToken ct)
    {
        var stored = await store.ListChunksAsync(asset, ct);
        if (stored.Count == 0)
        {
            return;
        }

        // After what is stored: what has been published since is in the rows, or made by a job that goes on.
        var published = (await catalog.ListChunksAsync(asset, ct)).Select(row => ObjectKey.Chunk(asset, row.Rendition, row.Number, row.Maker)).ToHashSet();
        if ((await catalog.ListJobsAsync(asset, null, Page, ct)).Any(job => job is { Kind: JobKind.Encode, FinishedAt: null }))
        {
            return; // It is looked at when that one has ended.
        }

        foreach (var key in stored.Where(key => !published.Contains(key)))
        {
            Log.Late(logger, asset, key.Name);
            await store.RemoveAsync(key, ct);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Removing the chunk {Name} of {Asset}: its worker stored it too late")]
        public static partial void Late(ILogger logger, AssetId asset, string name);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Chunks that nobody published could not be looked for; tried again in a moment")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
