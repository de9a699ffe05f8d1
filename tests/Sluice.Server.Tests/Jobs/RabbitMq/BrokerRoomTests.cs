using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs.RabbitMq;

/// <summary>A broker without room: its memory or its disk is at the limit, and it reads nothing from whoever publishes.</summary>
[Collection(nameof(Rabbit))]
public sealed class BrokerRoomTests(Rabbit rabbit)
{
    /// <summary>Less than it would take to find out by waiting for confirmations.</summary>
    private const int AtOnceSeconds = 4;

    private readonly string _prefix = $"t{Guid.NewGuid():n}";

    [Fact]
    public async Task It_says_so_at_once_to_a_node_that_announces_nothing_and_the_connection_stays()
    {
        await using var node = await StartAsync();
        await rabbit.WithoutRoomAsync(async () =>
        {
            await BlockedAsync(node);
            node.Status.Listens.ShouldBe(true, "what is held here must not be given to others for that");
            node.Status.Trouble.ShouldNotBeNull().ShouldContain("low on memory");
            (await node.Queue.DepthsAsync(default).WaitAsync(TimeSpan.FromSeconds(AtOnceSeconds))).ShouldBeNull("it would not be answered");
        });

        await node.ConnectedAsync();
        (node.Status.IsBlocked, node.Status.Losses, node.Status.Unconfirmed).ShouldBe((false, 0, 0));
        node.Logs.Lines.Count(line => line.Contains("The broker is full", StringComparison.Ordinal)).ShouldBe(1);
        (await node.WaitingAsync("viewers")).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_that_starts_meanwhile_is_told_as_well_and_never_takes_it_for_well()
    {
        await rabbit.WithoutRoomAsync(async () =>
        {
            await using var node = await StartAsync(connects: false);
            var wasWell = false;
            (await Eventually.Holds(() =>
            {
                wasWell |= node.Status.Publishes;
                return node.Status.IsBlocked;
            })).ShouldBeTrue(node.Status.Trouble);
            wasWell.ShouldBeFalse();
            node.Queue.Announce(Urgency.Title, 1);
            await rabbit.HasRoomAsync(true);
            await node.ConnectedAsync();
            (await node.ToldAsync(Urgency.Title)).End();
        });
    }

    [Fact]
    public async Task What_is_announced_meanwhile_is_done_here_and_told_to_the_others_afterwards()
    {
        await using var node = await StartAsync();
        await rabbit.WithoutRoomAsync(async () =>
        {
            await BlockedAsync(node);
            var waiting = node.Queue.WaitAsync(Urgency.Title, Eventually.Patience, default);
            node.Queue.Announce(Urgency.Title, 2);
            (await waiting).End();
            await Task.Delay(Server.Jobs.RabbitMq.BrokerPublisher.ConfirmPatience + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            (node.Status.IsBlocked, node.Status.Losses).ShouldBe((true, 0), "it is waited for as long as it says so");
        });

        await node.ConnectedAsync();
        (await node.ToldAsync(Urgency.Title)).End();
        (await node.ToldAsync(Urgency.Title)).End();
        (await Eventually.Holds(() => node.Queue.IsAllTold)).ShouldBeTrue();
        (node.Status.Announced, node.Status.Losses).ShouldBe((2, 0));
    }

    [Fact]
    public async Task One_that_is_killed_without_room_is_connected_to_again()
    {
        await using var own = new Rabbit();
        await own.InitializeAsync();
        await using var node = await RabbitNode.StartAsync(own, _prefix);
        await own.HasRoomAsync(false);
        await BlockedAsync(node);

        await own.KillAsync();
        (await Eventually.Holds(() => node.Status.Losses > 0)).ShouldBeTrue();
        await node.ConnectedAsync();
        node.Status.IsBlocked.ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_tells_its_monitors_and_its_operator_at_once()
    {
        await using var server = await SluiceServer.StartAsync(
            options => (options.Queue.Url, options.Queue.Prefix) = ($"amqp://127.0.0.1:{rabbit.Port}", _prefix), builder => builder.Services.AddSingleton(TimeProvider.System));
        (await Eventually.Holds(() => HasAsync(server, "/health", "\"queue\":\"connected\""))).ShouldBeTrue();

        await rabbit.WithoutRoomAsync(async () =>
        {
            await AtOnceAsync(() => HasAsync(server, "/health", "\"status\":\"ok\"", "\"queue\":\"blocked\""));
            await AtOnceAsync(() => HasAsync(server, "/metrics", "\nsluice_queue_connected 0\n", "\nsluice_queue_blocked 1\n"));
            await AtOnceAsync(() => HasAsync(server, "/api/v1/queue", "\"state\":\"blocked\"", "It has no room and takes nothing: low on memory."));
            await AtOnceAsync(() => HasAsync(server, "/ready", "ok"));
        });

        (await Eventually.Holds(() => HasAsync(server, "/health", "\"queue\":\"connected\""))).ShouldBeTrue();
        (await Eventually.Holds(() => HasAsync(server, "/metrics", "\nsluice_queue_blocked 0\n"))).ShouldBeTrue();
    }

    private static async Task<bool> HasAsync(SluiceServer server, string path, params string[] texts)
    {
        var answer = await server.Http.GetStringAsync(path);
        return Array.TrueForAll(texts, text => answer.Contains(text, StringComparison.Ordinal));
    }

    private static Task BlockedAsync(RabbitNode node) => AtOnceAsync(() => Task.FromResult(node.Status is { IsBlocked: true, Publishes: false, State: "blocked" }));

    private static async Task AtOnceAsync(Func<Task<bool>> holds) => (await Eventually.Holds(holds, AtOnceSeconds)).ShouldBeTrue();

    private Task<RabbitNode> StartAsync(bool connects = true) => RabbitNode.StartAsync(rabbit, _prefix, new LaneCounts(1, 1), connects: connects);
}
