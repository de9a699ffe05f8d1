using RabbitMQ.Client;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Jobs.RabbitMq;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs.RabbitMq;

/// <summary>Workers that are lost, lines that are cut, a broker that is restarted, full, or not as it was left.</summary>
[Collection(nameof(Rabbit))]
public sealed class BrokerFaultTests(Rabbit rabbit)
{
    private readonly string _prefix = $"t{Guid.NewGuid():n}";

    [Fact]
    public async Task What_a_lost_worker_held_is_given_to_another()
    {
        await using var lost = await StartAsync();
        lost.Queue.Announce(Urgency.Viewer, 1);
        var held = await lost.ToldAsync(Urgency.Title);

        lost.Line.Cut();
        await using var other = await StartAsync();
        (await other.ToldAsync(Urgency.Title)).End();

        held.End(); // It was only cut off, and ends its work now: nobody minds.
        lost.Line.Mend();
        await lost.ConnectedAsync();
        lost.Queue.Announce(Urgency.Viewer, 1);
        (await Task.WhenAny(lost.ToldAsync(Urgency.Title), other.ToldAsync(Urgency.Title)).WaitAsync(Eventually.Patience)).IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task While_the_line_is_cut_a_node_tells_its_own_lanes_and_the_others_afterwards()
    {
        await using var node = await StartAsync();
        node.Line.Cut();
        (await Eventually.Holds(() => node.Status is { Publishes: false, Listens: false })).ShouldBeTrue();
        node.Status.Trouble.ShouldNotBeNull();

        var waiting = node.Queue.WaitAsync(Urgency.Title, Eventually.Patience, default);
        node.Queue.Announce(Urgency.Viewer, 2);
        (await waiting).MayBeMore.ShouldBeTrue();

        // Without anything announced a lane looks by itself, and does not wait as long as it was told.
        (await node.Queue.WaitAsync(Urgency.Title, TimeSpan.FromHours(1), default).WaitAsync(Eventually.Patience)).MayBeMore.ShouldBeFalse();

        node.Line.Mend();
        await node.ConnectedAsync();
        (await node.ToldAsync(Urgency.Title)).End();
        (await node.ToldAsync(Urgency.Title)).End();
        node.Status.Losses.ShouldBeGreaterThan(0);
        node.Logs.Lines.ShouldContain(line => line.Contains("not connected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lane_that_waits_looks_for_itself_as_soon_as_the_line_is_cut()
    {
        await using var node = await StartAsync();
        var waiting = node.Queue.WaitAsync(Urgency.Background, TimeSpan.FromHours(1), default);
        node.Line.Cut();
        await waiting.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task A_broker_that_is_restarted_has_lost_nothing()
    {
        await using var api = await StartAsync(works: false);
        await using var worker = await StartAsync(lanes: new LaneCounts(1, 1));
        api.Queue.Announce(Urgency.Background, 3);
        (await Eventually.Holds(() => api.Status.Announced == 3)).ShouldBeTrue();
        var held = await worker.ToldAsync(Urgency.Background);

        await rabbit.RestartAsync();
        (await Eventually.Holds(() => api.Status.Losses > 0 && worker.Status.Losses > 0)).ShouldBeTrue();
        await api.ConnectedAsync();
        await worker.ConnectedAsync();

        held.End();
        for (var i = 0; i < 3; i++)
        {
            (await worker.ToldAsync(Urgency.Background)).End(); // The first one again: its acknowledgement came too late.
        }
    }

    /// <summary>RabbitMQ 3.10 alone, without other brokers, may have a quorum queue without a leader when it comes back from that. So nobody
    /// may depend on it: lanes are told, or look for themselves.</summary>
    [Fact]
    public async Task A_broker_that_is_killed_leaves_no_lane_waiting()
    {
        await using var own = new Rabbit(); // The others' queues must not suffer the same.
        await own.InitializeAsync();
        await using var node = await RabbitNode.StartAsync(own, _prefix, new LaneCounts(1, 1));
        node.Queue.Announce(Urgency.Background, 3);
        var held = await node.ToldAsync(Urgency.Background);

        await own.KillAsync();
        (await Eventually.Holds(() => node.Status.Losses > 0)).ShouldBeTrue();
        held.End();

        for (var i = 0; i < 3; i++)
        {
            (await node.Queue.WaitAsync(Urgency.Background, TimeSpan.FromHours(1), default).WaitAsync(Eventually.Patience)).End();
        }
    }

    [Fact]
    public async Task A_queue_that_was_removed_is_made_anew()
    {
        await using var node = await StartAsync();
        await rabbit.AskAsync(channel => channel.QueueDeleteAsync(_prefix + ".viewers"));

        // What is told while it is being removed may be confirmed and gone with it; then the sweeper tells it again, as here.
        var told = node.ToldAsync(Urgency.Title);
        while (!told.IsCompleted)
        {
            node.Queue.Announce(Urgency.Viewer, 1);
            await Task.WhenAny(told, Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        }

        (await told).End();
    }

    [Fact]
    public async Task A_queue_of_another_making_is_told_of_and_taken_once_it_is_removed()
    {
        await rabbit.AskAsync(channel => channel.QueueDeclareAsync(_prefix + ".viewers", durable: true, exclusive: false, autoDelete: false));
        await using var node = await RabbitNode.StartAsync(rabbit, _prefix, connects: false);
        (await Eventually.Holds(() => node.Status.Trouble?.StartsWith("A queue is there already", StringComparison.Ordinal) == true)).ShouldBeTrue(node.Status.Trouble);

        await rabbit.AskAsync(channel => channel.QueueDeleteAsync(_prefix + ".viewers"));
        await node.ConnectedAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_told_of_and_not_told()
    {
        await using var node = await RabbitNode.StartAsync(rabbit, _prefix, connects: false, password: "sesame-open");
        (await Eventually.Holds(() => node.Status.Trouble == "It refuses the user or the password (queue.url, queue.password).")).ShouldBeTrue(node.Status.Trouble);
        node.Logs.Lines.ShouldContain(line => line.Contains("refuses", StringComparison.Ordinal));
        node.Logs.Lines.ShouldNotContain(line => line.Contains("sesame-open", StringComparison.Ordinal));
        (await node.Queue.DepthsAsync(default)).ShouldBeNull();
        (await node.Queue.RemoveDeadLettersAsync(default)).ShouldBeNull();
    }

    private Task<RabbitNode> StartAsync(LaneCounts? lanes = null, bool works = true) => RabbitNode.StartAsync(rabbit, _prefix, lanes, works);
}
