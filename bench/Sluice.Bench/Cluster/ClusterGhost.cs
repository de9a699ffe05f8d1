using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;

namespace Sluice.Bench.Cluster;

/// <summary>
/// Speaks for workers that were killed, cut off or halted in the middle of a task: as soon as another one has that task, it publishes a chunk with the token of the one
/// before. A worker that comes back finds out by itself most times, and stops before it gets that far. The chunk is of a rendition that there is not, so nothing but the
/// token can be the reason why it is refused.
/// </summary>
internal sealed class ClusterGhost(ClusterCatalog catalog, string connectionString)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly Dictionary<long, long> _tokens = [];

    /// <summary>Chunks that were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Chunks that were taken.</summary>
    public int Taken { get; private set; }

    /// <summary>Goes on until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await using var tables = PostgresAddress.TryParse(connectionString, null, out var address)
            ? new PostgresCatalog(address, TimeProvider.System)
            : throw new InvalidOperationException(connectionString);
        while (!ct.IsCancellationRequested)
        {
            foreach (var row in await catalog.ReadAsync("SELECT id, fence, asset FROM tasks WHERE kind = 'encode' AND state = 'running'"))
            {
                var parts = row.Split(' ');
                var (id, fence) = (long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
                if (_tokens.TryGetValue(id, out var before) && before < fence)
                {
                    await PublishAsync(tables, new WorkTask { Id = id, Fence = before, JobId = "", Asset = AssetId.Parse(parts[2], null), Kind = JobKind.Encode, Urgency = Urgency.Background });
                }

                _tokens[id] = fence;
            }

            await Task.Delay(BetweenLooks, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PublishAsync(PostgresCatalog tables, WorkTask task)
    {
        try
        {
            var isTaken = await tables.PublishChunkAsync(task, new ChunkRow("ghost", 1, task.Fence, 1, 1, new byte[32], IsPlaceholder: false), default);
            (Taken, Refused) = (Taken + (isTaken ? 1 : 0), Refused + (isTaken ? 0 : 1));
        }
        catch (CatalogUnreachableException)
        {
            // It restarts; there are more.
        }
    }
}
