using Microsoft.Extensions.Logging;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Jobs.RabbitMq;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Jobs.RabbitMq;

/// <summary>The queue of one node, over a line of its own to the broker.</summary>
internal sealed class RabbitNode : IAsyncDisposable
{
    private readonly LoggerFactory _loggers;
    private readonly CutLine _line;

    private RabbitNode(Rabbit rabbit, string prefix, LaneCounts? lanes, TimeProvider clock, int mostWaiting, string? password)
    {
        _loggers = new LoggerFactory([Logs]);
        _line = new CutLine(rabbit.Port);
        var factory = rabbit.Factory(_line.Port);
        factory.Password = password ?? factory.Password;
        Queue = RabbitMqSetup.Open(
            factory, new BrokerQueues(prefix, mostWaiting), "node", lanes, clock, _loggers.CreateLogger<RabbitMqQueue>());
    }

    public LogCapture Logs { get; } = new();

    public CutLine Line => _line;

    public RabbitMqQueue Queue { get; }

    public BrokerStatus Status => Queue.Status;

    /// <summary>Two lanes of each kind, unless said otherwise.</summary>
    public static async Task<RabbitNode> StartAsync(
        Rabbit rabbit, string prefix, LaneCounts? lanes = null, bool works = true, TimeProvider? clock = null, bool connects = true,
        int mostWaiting = BrokerQueues.MostWaiting, string? password = null)
    {
        var node = new RabbitNode(
            rabbit, prefix, works ? lanes ?? new LaneCounts(2, 2) : null, clock ?? TimeProvider.System, mostWaiting, password);
        await node.Queue.StartAsync(default);
        if (connects)
        {
            await node.ConnectedAsync();
        }

        return node;
    }

    public async Task ConnectedAsync()
    {
        if (!await Eventually.Holds(() => Status.IsConnected))
        {
            throw new InvalidOperationException($"The broker is not reached: {Status.Trouble}");
        }
    }

    /// <summary>Waits until somebody is told, however long that takes; not for a look of one's own.</summary>
    public async Task<Announcement> ToldAsync(Urgency least)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        while (true)
        {
            if (await Queue.WaitAsync(least, Eventually.Patience, patience.Token) is HeldMessage told)
            {
                return told;
            }
        }
    }

    /// <summary>What lies in a queue; null while the broker cannot be asked.</summary>
    public async Task<long?> WaitingAsync(string queue) =>
        (await Queue.DepthsAsync(default))?.Single(depth => depth.Queue == queue).Waiting;

    /// <summary>As a server that is told to stop.</summary>
    public async Task StopAsync()
    {
        await Queue.StoppingAsync(default);
        await Queue.StopAsync(default);
        await Queue.StoppedAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Queue.Dispose();
        await _line.DisposeAsync();
        _loggers.Dispose();
    }
}
