using System.Data.Common;
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
    OperatorSessions operatorSessions,
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
        await operatorSessions.LoadAsync(cancellationToken);
        await using (var entry = await catalog.EnterAsync(cancellationToken))
        {
            await AgreeAsync(entry.IsAlone, cancellationToken);
            if (roles.Api)
            {
                await uploads.RunAsync(entry.IsAlone, cancellationToken);
                await arrivals.RunAsync(entry.IsAlone, cancellationToken);
            }
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
    private async Task AgreeAsync(bool isAlone, CancellationToken ct)
    {
        try
        {
            if (roles.Live)
            {
                await sessions.RunAsync(isAlone, ct);
            }

            await reconciler.RunAsync(isAlone && roles.Api, ct);
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
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            throw new SetupException(
                $"The catalog '{CatalogSetup.NameOf(options.Storage)}' cannot be used: {e.Message.TrimEnd('.')}. Restore a copy of it; no media files were touched.", e);
        }
        catch (CatalogUnreachableException e)
        {
            throw new SetupException($"{e.Message.TrimEnd('.')} ({CatalogSetup.NameOf(options.Storage)}). The server starts when it can; `sluice doctor` looks again.", e);
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
