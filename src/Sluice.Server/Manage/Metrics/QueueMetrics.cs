using Sluice.Server.Jobs;

namespace Sluice.Server.Manage.Metrics;

/// <summary>How it is with the broker, as metrics; what lies in its queues is asked when somebody reads them.</summary>
internal static class QueueMetrics
{
    /// <summary>Writes them; nothing where there is no broker.</summary>
    public static async Task WriteAsync(MetricText text, IBroker? broker, CancellationToken ct)
    {
        if (broker is null)
        {
            return;
        }

        var status = broker.Status;
        text.Gauge("sluice_queue_connected", "1 while the broker is reached for everything that this node wants of it.", MetricValue.Alone(status.IsConnected ? 1 : 0));
        text.Gauge("sluice_queue_blocked", "1 while the broker says that it has no room (a memory or disk alarm) and takes nothing.", MetricValue.Alone(status.IsBlocked ? 1 : 0));
        text.Counter("sluice_queue_announced_total", "Announcements that the broker confirmed.", MetricValue.Alone(status.Announced));
        text.Counter("sluice_queue_unconfirmed_total", "Announcements that it did not confirm; they were made again.", MetricValue.Alone(status.Unconfirmed));
        text.Counter("sluice_queue_refused_total", "Announcements that it refused, having as many as it may.", MetricValue.Alone(status.Refused));
        text.Counter("sluice_queue_received_total", "Announcements that came from it.", MetricValue.Alone(status.Received));
        text.Counter("sluice_queue_losses_total", "Times that a connection to it ended or could not be made.", MetricValue.Alone(status.Losses));
        if (await broker.DepthsAsync(ct) is { } depths)
        {
            text.Gauge("sluice_queue_waiting", "Announcements in a queue that no worker was given yet; in dead, those that were put aside.", depths.Select(Waiting));
        }
    }

    private static MetricValue Waiting(QueueDepth depth) => new(depth.Waiting, [KeyValuePair.Create("queue", depth.Queue)]);
}
