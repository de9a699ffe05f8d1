using Microsoft.Data.Sqlite;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Manage.Channels;
using Sluice.Server.Processes;
using Sluice.Server.Sessions;
using Sluice.Server.Store;

namespace Sluice.Server.Hosting;

/// <summary>What must be done before the first request: schema, keys, agreement of store and catalog.</summary>
internal sealed partial class Startup(
    ICatalog catalog,
    SluiceOptions options,
    NodeRoles roles,
    OperatorKey operatorKey,
    SigningSecret secret,
    SessionRecovery sessions,
    Reconciler reconciler,
    UploadRecovery uploads,
    ArrivalRecovery arrivals,
    ChannelDesk channels,
    ILogger<Startup> logger)
    : IHostedLifecycleService
{
    /// <inheritdoc />
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await MigrateAsync(cancellationToken);
        await operatorKey.EnsureAsync(cancellationToken);
        await AgreeAsync(cancellationToken);
        if (roles.Api)
        {
            await uploads.RunAsync(cancellationToken);
            await arrivals.RunAsync(cancellationToken);
        }

        if (roles.Live)
        {
            await channels.LoadAsync(cancellationToken);
        }

        if (secret.Warning is { } warning)
        {
            Log.WeakSecret(logger, warning);
        }

        if (ChildGuards.System.Missing is { } missing)
        {
            Log.WeakGuards(logger, missing);
        }
    }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The first that is asked of the store: what it cannot do, it can not do for anybody.</summary>
    private async Task AgreeAsync(CancellationToken ct)
    {
        try
        {
            if (roles.Live)
            {
                await sessions.RunAsync(ct);
            }

            if (roles.Api)
            {
                await reconciler.RunAsync(ct);
            }
        }
        catch (SourceUnavailableException e)
        {
            throw new SetupException($"{e.Message} `sluice doctor` says more.", e);
        }
    }

    private async Task MigrateAsync(CancellationToken ct)
    {
        try
        {
            await catalog.MigrateAsync(ct);
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException)
        {
            var file = Path.Combine(options.Storage.Data, "catalog.db");
            throw new SetupException(
                $"The catalog '{file}' cannot be used: {e.Message.TrimEnd('.')}. Restore a copy of it; no media files were touched.", e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
        public static partial void WeakSecret(ILogger logger, string warning);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Child processes: {Missing}")]
        public static partial void WeakGuards(ILogger logger, string missing);
    }
}
