using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs;

/// <summary>The contract within one process, and what only that queue does.</summary>
public sealed class InProcessQueueTests : QueueContract
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FakeClock _clock = new();
    private readonly InProcessQueue _queue;
    private readonly Announcement _nothing;

    public InProcessQueueTests()
    {
        _queue = new InProcessQueue(_clock);
        _nothing = _queue.WaitAsync(Urgency.Background, TimeSpan.Zero, default) is { IsCompletedSuccessfully: true } look
            ? look.GetAwaiter().GetResult() : throw new InvalidOperationException("A wait of no time took some.");
    }

    [Fact]
    public async Task An_announcement_before_the_wait_counts_once()
    {
        _queue.Announce(Urgency.Title);
        _queue.Announce(Urgency.Title, 5);

        await Wait(Urgency.Background).WaitAsync(Minute);
        Wait(Urgency.Background).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task The_choosiest_is_woken_first_and_the_most_urgent_is_told_first()
    {
        var (any, urgent) = (Wait(Urgency.Background), Wait(Urgency.Title));

        _queue.Announce(Urgency.Viewer);
        await urgent.WaitAsync(Minute);
        any.IsCompleted.ShouldBeFalse();
        _queue.Announce(Urgency.Title);
        await any.WaitAsync(Minute);

        _queue.Announce(Urgency.Background);
        _queue.Announce(Urgency.Viewer);
        await Wait(Urgency.Title).WaitAsync(Minute);
        await Wait(Urgency.Background).WaitAsync(Minute);
    }

    internal override Task<IJobQueue> OpenAsync() => Task.FromResult<IJobQueue>(_queue);

    internal override bool IsTold(Announcement announcement) => !ReferenceEquals(announcement, _nothing);

    internal override void Pass(TimeSpan time) => _clock.Advance(time);

    private Task Wait(Urgency least) => _queue.WaitAsync(least, Minute, default);
}
