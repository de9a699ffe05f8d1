using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs;

/// <summary>What every queue does. Looks of one's own (a wait that ends without an announcement) may come at any time; announcements must.</summary>
public abstract class QueueContract
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    /// <summary>A new queue, with two lanes of each kind.</summary>
    internal abstract Task<IJobQueue> OpenAsync();

    /// <summary>Whether somebody was told, and did not just look.</summary>
    internal abstract bool IsTold(Announcement announcement);

    [Fact]
    public async Task An_announcement_before_the_wait_is_not_lost()
    {
        var queue = await OpenAsync();
        queue.Announce(Urgency.Title, 1);
        (await ToldAsync(queue, Urgency.Title)).End();
    }

    [Fact]
    public async Task One_task_wakes_one_waiter()
    {
        var queue = await OpenAsync();
        var (one, other) = (ToldAsync(queue, Urgency.Background), ToldAsync(queue, Urgency.Background));

        queue.Announce(Urgency.Background, 1);
        (await await Task.WhenAny(one, other)).End();
        await Task.Delay(Moment);
        (one.IsCompleted && other.IsCompleted).ShouldBeFalse();

        queue.Announce(Urgency.Background, 1);
        await Task.WhenAll(one, other).WaitAsync(Eventually.Patience);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(null)]
    public async Task Several_tasks_employ_as_many_workers_as_find_some(int? announced)
    {
        var queue = await OpenAsync();
        queue.Announce(Urgency.Viewer, announced);

        for (var left = 3; left > 0; left--)
        {
            var told = await ToldAsync(queue, Urgency.Title);
            if (told.MayBeMore)
            {
                queue.Announce(Urgency.Viewer);
            }

            told.End();
        }
    }

    [Fact]
    public async Task Less_than_was_asked_for_wakes_nobody()
    {
        var queue = await OpenAsync();
        var urgent = ToldAsync(queue, Urgency.Title);

        queue.Announce(Urgency.Background, 1);
        (await ToldAsync(queue, Urgency.Background)).End();
        await Task.Delay(Moment);
        urgent.IsCompleted.ShouldBeFalse();

        queue.Announce(Urgency.Viewer, 1);
        (await urgent).End();
    }

    [Fact]
    public async Task A_wait_of_no_time_answers_at_once_and_one_with_time_ends_after_it()
    {
        var queue = await OpenAsync();
        IsTold(await queue.WaitAsync(Urgency.Background, TimeSpan.Zero, default)).ShouldBeFalse();
        var wait = queue.WaitAsync(Urgency.Background, TimeSpan.FromSeconds(1), default);
        Pass(TimeSpan.FromSeconds(1));
        IsTold(await wait.WaitAsync(Eventually.Patience)).ShouldBeFalse();

        queue.Announce(Urgency.Background, 1);
        (await ToldAsync(queue, Urgency.Background)).End();
    }

    [Fact]
    public async Task A_wait_that_is_called_off_throws_and_takes_no_announcement_with_it()
    {
        var queue = await OpenAsync();
        using var off = new CancellationTokenSource();
        var wait = queue.WaitAsync(Urgency.Background, Eventually.Patience, off.Token);
        await off.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => wait);
        await Should.ThrowAsync<OperationCanceledException>(() => queue.WaitAsync(Urgency.Background, Eventually.Patience, off.Token));

        queue.Announce(Urgency.Background, 1);
        (await ToldAsync(queue, Urgency.Background)).End();
    }

    [Fact]
    public async Task What_is_given_back_is_given_to_another_and_what_is_ended_to_nobody()
    {
        var queue = await OpenAsync();
        queue.Announce(Urgency.Title, 1);

        (await ToldAsync(queue, Urgency.Title)).GiveBack();
        (await ToldAsync(queue, Urgency.Title)).End();

        var next = ToldAsync(queue, Urgency.Title);
        await Task.Delay(Moment);
        next.IsCompleted.ShouldBeFalse();
        queue.Announce(Urgency.Title, 1);
        (await next).End();
    }

    [Fact]
    public async Task Announcing_never_blocks_however_often_it_is_done()
    {
        var queue = await OpenAsync();
        for (var i = 0; i < 100_000; i++)
        {
            queue.Announce(Urgency.Background);
        }

        (await ToldAsync(queue, Urgency.Background)).End();
    }

    /// <summary>Lets time pass, where it does not by itself.</summary>
    internal virtual void Pass(TimeSpan time)
    {
    }

    private async Task<Announcement> ToldAsync(IJobQueue queue, Urgency least)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        while (true)
        {
            if (await queue.WaitAsync(least, Eventually.Patience, patience.Token) is { } told && IsTold(told))
            {
                return told;
            }
        }
    }
}
