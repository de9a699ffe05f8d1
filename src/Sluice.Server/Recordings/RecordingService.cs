namespace Sluice.Server.Recordings;

/// <summary>Recordings over the life of a server: at its start it keeps what the one before left, at its end it leaves what runs.</summary>
internal sealed partial class RecordingService(RecordingDesk desk, ILogger<RecordingService> logger) : BackgroundService, IHostedLifecycleService
{
    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    /// <remarks>Before the channels end: a recording would take that for an end of its own.</remarks>
    public Task StoppingAsync(CancellationToken cancellationToken) => desk.CloseAsync().WaitAsync(cancellationToken);

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await desk.RecoverAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rest waits in the catalog.
        }
        catch (Exception e)
        {
            Log.Failed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "What was recorded before cannot be kept now; it is tried again at the next start")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
