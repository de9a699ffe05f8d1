using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs;

public sealed class InProcessQueueTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FakeClock _clock = new();
    private readonly InProcessQueue _queue;

    public InProcessQueueTests() => _queue = new InProcessQueue(_clock);

    [Fact]
    public async Task An_announcement_before_the_wait_is_not_lost_and_counts_once()
    {
        _queue.Announce(Urgency.Title);
        _queue.Announce(Urgency.Title);

        await Wait(Urgency.Background).WaitAsync(Minute);
        Wait(Urgency.Background).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task An_announcement_wakes_one_waiter()
    {
        Task[] waits = [Wait(Urgency.Background), Wait(Urgency.Background)];

        _queue.Announce(Urgency.Background);

        await Task.WhenAny(waits).WaitAsync(Minute);
        waits.Count(wait => wait.IsCompleted).ShouldBe(1);
        _queue.Announce(Urgency.Background);
        await Task.WhenAll(waits).WaitAsync(Minute);
    }

    [Fact]
    public async Task Less_than_was_asked_for_wakes_nobody_and_the_choosiest_is_woken_first()
    {
        var (any, urgent) = (Wait(Urgency.Background), Wait(Urgency.Title));

        _queue.Announce(Urgency.Viewer);
        await urgent.WaitAsync(Minute);
        any.IsCompleted.ShouldBeFalse();

        urgent = Wait(Urgency.Title);
        _queue.Announce(Urgency.Background);
        await any.WaitAsync(Minute);
        _queue.Announce(Urgency.Background);
        urgent.IsCompleted.ShouldBeFalse();
        await Wait(Urgency.Background).WaitAsync(Minute);
    }

    [Fact]
    public async Task A_wait_ends_after_its_time_and_leaves_nothing_behind()
    {
        var wait = Wait(Urgency.Background);
        _clock.Advance(Minute);
        await wait.WaitAsync(Minute);

        _queue.Announce(Urgency.Background);
        await Wait(Urgency.Background).WaitAsync(Minute);
    }

    [Fact]
    public async Task A_wait_that_is_called_off_throws_and_takes_no_announcement_with_it()
    {
        using var off = new CancellationTokenSource();
        var wait = _queue.WaitAsync(Urgency.Background, Minute, off.Token);
        await off.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => wait);

        _queue.Announce(Urgency.Background);
        await Wait(Urgency.Background).WaitAsync(Minute);
    }

    private Task Wait(Urgency least) => _queue.WaitAsync(least, Minute, default);
}
