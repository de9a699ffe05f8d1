using RabbitMQ.Client;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Jobs.RabbitMq;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs.RabbitMq;

/// <summary>The contract over a real broker, and what passes between two nodes.</summary>
[Collection(nameof(Rabbit))]
public sealed class RabbitMqQueueTests(Rabbit rabbit) : QueueContract, IAsyncLifetime
{
    private readonly string _prefix = $"t{Guid.NewGuid():n}";
    private readonly List<RabbitNode> _nodes = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_one_node_announces_another_does()
    {
        var (api, worker) = (await StartAsync(works: false), await StartAsync());

        api.Queue.Announce(Urgency.Viewer, 1);

        (await worker.ToldAsync(Urgency.Title)).End();
        (await Eventually.Holds(async () => await api.WaitingAsync("viewers") == 0)).ShouldBeTrue();
        (api.Status.Listens, api.Status.Announced, worker.Status.Received).ShouldBe((null, 1, 1));
    }

    [Fact]
    public async Task A_node_is_given_no_more_than_it_has_lanes_for()
    {
        var (busy, free) = (await StartAsync(lanes: new LaneCounts(1, 1)), await StartAsync(works: false));
        free.Queue.Announce(Urgency.Title, 3);

        var told = await busy.ToldAsync(Urgency.Title);
        (await Eventually.Holds(async () => await free.WaitingAsync("viewers") == 2)).ShouldBeTrue();
        var other = await StartAsync();
        (await other.ToldAsync(Urgency.Title)).End();
        (await other.ToldAsync(Urgency.Title)).End();
        told.End();
    }

    [Fact]
    public async Task Background_work_and_viewers_do_not_stand_in_one_queue()
    {
        var api = await StartAsync(works: false);
        api.Queue.Announce(Urgency.Background, 100);
        api.Queue.Announce(Urgency.Viewer, 1);
        (await Eventually.Holds(() => api.Status.Announced == 101)).ShouldBeTrue();
        (await api.WaitingAsync("viewers"), await api.WaitingAsync("background")).ShouldBe((1, 100));

        var worker = await StartAsync();
        (await worker.ToldAsync(Urgency.Title)).End();
    }

    [Fact]
    public async Task A_node_that_stops_hands_on_what_it_was_told_and_takes_no_more()
    {
        var leaving = await StartAsync();
        leaving.Queue.Announce(Urgency.Background, 4);
        var held = await leaving.ToldAsync(Urgency.Background);
        (await Eventually.Holds(() => leaving.Status.Received == 2)).ShouldBeTrue();

        await leaving.Queue.StoppingAsync(default);
        var staying = await StartAsync();
        (await staying.ToldAsync(Urgency.Background)).End();
        (await staying.ToldAsync(Urgency.Background)).End();
        (await staying.ToldAsync(Urgency.Background)).End();
        held.GiveBack();
        (await staying.ToldAsync(Urgency.Background)).End();
        leaving.Queue.Announce(Urgency.Background, 1);
        await leaving.Queue.StoppedAsync(default);
        (await staying.ToldAsync(Urgency.Background)).End();

        // What was on its way to it when it closed went back: it may have received more, and told nobody.
        IsTold(await leaving.Queue.WaitAsync(Urgency.Background, TimeSpan.Zero, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_message_of_somebody_else_is_put_aside_and_told_of()
    {
        var node = await StartAsync();
        await rabbit.AskAsync(channel => channel.BasicPublishAsync("", _prefix + ".viewers", mandatory: true, "hello"u8.ToArray()).AsTask());

        IReadOnlyList<DeadLetter>? dead = null;
        (await Eventually.Holds(async () => (dead = await node.Queue.DeadLettersAsync(20, default)) is { Count: 1 })).ShouldBeTrue();
        (dead![0].Reason, dead[0].Queue, dead[0].Times, dead[0].Urgency).ShouldBe(("rejected", _prefix + ".viewers", 1, null));
        dead[0].At.ShouldNotBeNull();
        (await Eventually.Holds(async () => await node.WaitingAsync("dead") == 1)).ShouldBeTrue("it stays when it is looked at");
        (await node.Queue.RemoveDeadLettersAsync(default)).ShouldBe(1);
        (await node.WaitingAsync("dead")).ShouldBe(0);
    }

    [Fact]
    public async Task An_announcement_that_one_worker_after_another_was_lost_with_is_put_aside()
    {
        var node = await StartAsync(lanes: new LaneCounts(1, 1));
        node.Queue.Announce(Urgency.Title, 1);
        for (var i = 0; i <= BrokerQueues.MostDeliveries; i++)
        {
            (await node.ToldAsync(Urgency.Title)).GiveBack();
        }

        IReadOnlyList<DeadLetter>? dead = null;
        (await Eventually.Holds(async () => (dead = await node.Queue.DeadLettersAsync(20, default)) is { Count: 1 })).ShouldBeTrue();
        (dead![0].Reason, dead[0].Urgency, dead[0].AnnouncedBy).ShouldBe(("delivery_limit", "title", "node"));
    }

    [Fact]
    public async Task More_announcements_than_a_queue_may_have_are_refused_and_forgotten()
    {
        var node = await StartAsync(works: false, mostWaiting: 5);
        (await Eventually.Holds(() =>
        {
            if (node.Queue.IsAllTold)
            {
                node.Queue.Announce(Urgency.Title, 10); // RabbitMQ counts some time after it has confirmed.
            }

            return node.Status.Refused > 0;
        })).ShouldBeTrue();

        (await Eventually.Holds(() => node.Queue.IsAllTold)).ShouldBeTrue("what is refused is not told again");
        node.Status.IsConnected.ShouldBeTrue();
        (await Eventually.Holds(async () => await node.WaitingAsync("dead") == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_held_for_longer_than_the_broker_allows_is_ended_before()
    {
        var clock = new FakeClock();
        var slow = await StartAsync(clock: clock);
        slow.Queue.Announce(Urgency.Background, 1);
        var held = await slow.ToldAsync(Urgency.Background);

        (await Eventually.Holds(() => clock.IsAwaitedIn(BrokerConsumer.LookInterval))).ShouldBeTrue();
        clock.Advance(BrokerConsumer.LongestHold);
        (await Eventually.Holds(() => clock.IsAwaitedIn(BrokerConsumer.LookInterval))).ShouldBeTrue();
        slow.Line.Cut();

        var other = await StartAsync();
        await Task.Delay(500);
        other.Status.Received.ShouldBe(0);
        (await other.WaitingAsync("background")).ShouldBe(0);
        held.End();
    }

    internal override async Task<IJobQueue> OpenAsync() => (await StartAsync()).Queue;

    internal override bool IsTold(Announcement announcement) => announcement is HeldMessage;

    private async Task<RabbitNode> StartAsync(
        LaneCounts? lanes = null, bool works = true, TimeProvider? clock = null, int mostWaiting = BrokerQueues.MostWaiting)
    {
        var node = await RabbitNode.StartAsync(rabbit, _prefix, lanes, works, clock, mostWaiting: mostWaiting);
        _nodes.Add(node);
        return node;
    }
}
