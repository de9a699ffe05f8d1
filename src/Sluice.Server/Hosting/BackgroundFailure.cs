using Sluice.Server.Catalog;

namespace Sluice.Server.Hosting;

/// <summary>
/// Ends the server when a service in the background ends by an exception: what it did would be missing from then on, and nobody would know. The log says which
/// and why, the exit code that it was no wish, so that whoever supervises the server starts it again.
/// </summary>
internal sealed partial class BackgroundFailure(IServiceProvider services, IHostApplicationLifetime lifetime, ILogger<BackgroundFailure> logger) : IHostedLifecycleService
{
    private int _code;

    /// <summary>What the program ends with: 0 when nothing failed.</summary>
    public int Code => Volatile.Read(ref _code);

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All have begun by now. One that has failed already is told of here, too.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var service in services.GetServices<IHostedService>().OfType<BackgroundService>())
        {
            _ = service.ExecuteTask?.ContinueWith(
                ended => Failed(service.GetType().Name, ended.Exception!.GetBaseException()),
                CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Failed(string service, Exception e)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            Log.FailedAtTheEnd(logger, e, service);
            return;
        }

        var code = ExitCode.Of(e);
        Interlocked.CompareExchange(ref _code, code, ExitCode.Done);
        if (e is NewerSchemaException)
        {
            Log.Outdated(logger, code, e.Message);
        }
        else
        {
            Log.Failed(logger, e, service, code, e.Message);
        }

        lifetime.StopApplication();
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "{Service} failed, so the server stops (exit code {Code}): {Reason}")]
        public static partial void Failed(ILogger logger, Exception e, string service, int code, string reason);

        [LoggerMessage(Level = LogLevel.Critical, Message = "The server stops (exit code {Code}). {Reason}")]
        public static partial void Outdated(ILogger logger, int code, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} failed while the server stops")]
        public static partial void FailedAtTheEnd(ILogger logger, Exception e, string service);
    }
}
