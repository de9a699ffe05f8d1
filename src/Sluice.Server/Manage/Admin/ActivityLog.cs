using Sluice.Server.Access;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Manage.Admin;

/// <summary>One moment of the server.</summary>
/// <param name="At">When.</param>
/// <param name="TitleViewers">Who played titles.</param>
/// <param name="ChannelViewers">Who watched channels.</param>
/// <param name="BitsPerSecond">What was sent to viewers since the moment before.</param>
internal sealed record ActivitySample(DateTimeOffset At, int TitleViewers, int ChannelViewers, long BitsPerSecond);

/// <summary>Viewers and throughput of the last hour, for whoever runs the server.</summary>
internal sealed class ActivityLog(Audience audience, ChannelRegistry channels, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private const int Most = 360;

    private readonly Queue<ActivitySample> _samples = new();
    private readonly Lock _gate = new();
    private long _sentBefore = SentBytes.Total;

    /// <summary>Oldest first; the last one is of now.</summary>
    public IReadOnlyList<ActivitySample> Samples()
    {
        lock (_gate)
        {
            return [.. _samples];
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            do
            {
                Take();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private void Take()
    {
        var sent = SentBytes.Total;
        var status = channels.All.Select(channel => channel.Status()).ToArray();
        var sample = new ActivitySample(
            clock.GetUtcNow(),
            audience.Count(),
            status.Sum(s => s.Viewers.Endless + s.Viewers.Hls),
            (long)((sent - _sentBefore) * 8 / Every.TotalSeconds) + status.Sum(s => s.BitsPerSecondOut));
        _sentBefore = sent;
        lock (_gate)
        {
            _samples.Enqueue(sample);
            if (_samples.Count > Most)
            {
                _samples.Dequeue();
            }
        }
    }
}
