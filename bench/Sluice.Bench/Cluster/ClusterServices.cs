using Sluice.Bench.Stores;

namespace Sluice.Bench.Cluster;

/// <summary>What the nodes share: a database, a broker and a bucket.</summary>
internal sealed class ClusterServices : IAsyncDisposable
{
    private const string AccessSecret = "a secret that all nodes of the bench have";

    private ClusterServices(PostgresProcess database, RabbitProcess broker, SwiftServer bucket) => (Database, Broker, Bucket) = (database, broker, bucket);

    /// <summary>PostgreSQL.</summary>
    public PostgresProcess Database { get; }

    /// <summary>RabbitMQ.</summary>
    public RabbitProcess Broker { get; }

    /// <summary>OpenStack Swift.</summary>
    public SwiftServer Bucket { get; }

    /// <summary>What every node is told.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings =>
        [("SLUICE__STORAGE__CATALOG", Database.Url), ("SLUICE__ACCESS__SECRET", AccessSecret), .. Broker.Settings, .. Bucket.Settings];

    /// <summary>Starts them.</summary>
    /// <param name="workshop">Where their folders are made.</param>
    /// <param name="host">Address at which they listen.</param>
    /// <param name="network">Where the nodes are, when not on loopback.</param>
    public static async Task<ClusterServices> StartAsync(Workshop workshop, string host, string? network)
    {
        var database = await PostgresProcess.StartAsync(workshop.NewFolder(), host, network);
        RabbitProcess? broker = null;
        try
        {
            broker = await RabbitProcess.StartAsync(workshop.NewFolder(), host);
            return new ClusterServices(database, broker, await SwiftServer.StartAsync(workshop, host));
        }
        catch
        {
            await (broker?.DisposeAsync() ?? ValueTask.CompletedTask);
            await database.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Bucket.DisposeAsync();
        await Broker.DisposeAsync();
        await Database.DisposeAsync();
    }
}
