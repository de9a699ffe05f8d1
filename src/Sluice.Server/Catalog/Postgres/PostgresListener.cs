using Npgsql;

namespace Sluice.Server.Catalog.Postgres;

/// <summary>
/// Hears of titles that other nodes changed, so that what this one remembers is never older than a moment. While it is deaf, what is remembered serves on
/// for a while: viewers see nothing of a database that restarts. It also finds out that the database answers again when nobody else asks.
/// </summary>
internal sealed partial class PostgresListener(
    PostgresCatalog catalog, AssetDirectory assets, TimeProvider clock, ILogger<PostgresListener> logger) : BackgroundService
{
    /// <summary>So long a title may be served as it was, when nobody can tell whether it changed.</summary>
    private static readonly TimeSpan MostDeaf = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A connection that says nothing for so long is asked whether it is alive.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private long? _deafSince;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Lost(e);
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        var heard = new Queue<AssetId>();
        await using var connection = await catalog.OpenAsync(ct);
        connection.Notification += (_, told) => Hear(told.Payload, heard);
        await PostgresPresence.ShareAsync(connection, ct);
        await connection.RunAsync($"LISTEN {PostgresSchema.AssetChannel}", ct);
        catalog.Note(null);
        assets.ForgetAll();
        if (_deafSince is not null)
        {
            Log.Back(logger);
            _deafSince = null;
        }

        while (true)
        {
            if (!await connection.WaitAsync(Silence, ct))
            {
                await connection.RunAsync("SELECT 1", ct);
            }

            while (heard.TryDequeue(out var id))
            {
                await assets.ChangedElsewhereAsync(id, ct);
            }
        }
    }

    private void Hear(string payload, Queue<AssetId> heard)
    {
        var space = payload.LastIndexOf(' ');
        if (space >= 0 && payload[..space] != catalog.Node && AssetId.TryParse(payload[(space + 1)..], null, out var id))
        {
            heard.Enqueue(id);
        }
    }

    private void Lost(Exception e)
    {
        if (_deafSince is not { } since)
        {
            _deafSince = clock.GetTimestamp();
            Log.Lost(logger, PostgresTrouble.Sentence(e));
        }
        else if (clock.GetElapsedTime(since) > MostDeaf)
        {
            catalog.Note(e);
            assets.ForgetAll();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to the catalog is lost: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);

        [LoggerMessage(Level = LogLevel.Information, Message = "The catalog answers again")]
        public static partial void Back(ILogger logger);
    }
}
