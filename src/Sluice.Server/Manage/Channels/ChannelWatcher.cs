namespace Sluice.Server.Manage.Channels;

/// <summary>Where several servers share a catalog: looks every few seconds what the others have made of the channels.</summary>
internal sealed partial class ChannelWatcher(ChannelDesk desk, TimeProvider clock, ILogger<ChannelWatcher> logger) : BackgroundService
{
    /// <summary>A channel that was made, changed or removed on one server is so on the others after that, and so are its tokens.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isTold = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, clock, stoppingToken);
                await desk.LookAsync(stoppingToken);
                isTold = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (!isTold)
                {
                    Log.Failed(logger, e);
                }

                isTold = true; // Until it goes well again.
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The channels of the catalog cannot be read; those that are known stay as they are")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
