namespace Sluice.Server.Catalog.Postgres;

/// <summary>
/// Looks whether a newer node has changed the schema in a way that this one cannot work with, and ends when it has: by the exception, which ends the server.
/// </summary>
internal sealed partial class PostgresSchemaWatch(PostgresCatalog catalog, TimeProvider clock, ILogger<PostgresSchemaWatch> logger) : BackgroundService
{
    /// <summary>So long an older node may go on.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    /// <exception cref="NewerSchemaException">This program is too old now.</exception>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var isTold = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await catalog.RequireSchemaAsync(stoppingToken);
                isTold = false;
            }
            catch (CatalogUnreachableException)
            {
                // Others tell of that. It is looked at when it answers again.
            }
            catch (Exception e) when (e is not (NewerSchemaException or OperationCanceledException))
            {
                if (!isTold)
                {
                    Log.Unknown(logger, e);
                }

                isTold = true;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The schema of the catalog cannot be looked at")]
        public static partial void Unknown(ILogger logger, Exception e);
    }
}
