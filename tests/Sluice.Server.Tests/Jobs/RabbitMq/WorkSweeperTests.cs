using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Jobs.RabbitMq;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs.RabbitMq;

/// <summary>Work that nobody was told of, over a real catalog and a real broker.</summary>
[Collection(nameof(Rabbit))]
public sealed class WorkSweeperTests(Rabbit rabbit) : IAsyncLifetime
{
    private readonly JobBench _bench = new();
    private RabbitNode _api = null!;

    public async ValueTask InitializeAsync() => _api = await RabbitNode.StartAsync(rabbit, $"t{Guid.NewGuid():n}", works: false);

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Due_work_without_an_announcement_is_announced_once()
    {
        await _bench.AddAsync(Urgency.Background); // Announced in the bench's own queue, of which the broker knows nothing.
        await SweepAsync();
        await WaitingAsync(viewers: 0, background: 1);

        await SweepAsync();
        await WaitingAsync(viewers: 0, background: 1);
    }

    [Fact]
    public async Task Urgent_work_is_announced_to_free_lanes_of_either_kind()
    {
        await _bench.AddAsync(Urgency.Viewer);
        await SweepAsync();
        await WaitingAsync(viewers: 1, background: 1);
    }

    [Fact]
    public async Task Without_work_or_with_work_that_somebody_does_nothing_is_announced()
    {
        await _bench.Catalog.MigrateAsync(default);
        (await SweepAsync()).ShouldBeNull();

        await _bench.AddAsync(Urgency.Title);
        var now = _bench.Clock.GetUtcNow();
        (await _bench.Catalog.ClaimAsync("another", Urgency.Title, now, TaskRunner.Lease, default)).ShouldNotBeNull();
        (await SweepAsync()).ShouldBe(now + TaskRunner.Lease, "it is looked again when the lease passes");
        await WaitingAsync(viewers: 0, background: 0);

        _bench.Clock.Advance(TaskRunner.Lease);
        await SweepAsync();
        await WaitingAsync(viewers: 1, background: 1);
    }

    private Task<DateTimeOffset?> SweepAsync()
    {
        var sweeper = new WorkSweeper(_bench.Catalog, _api.Queue, _api.Queue, _bench.Clock, NullLogger<WorkSweeper>.Instance);
        return sweeper.SweepAsync(default);
    }

    private async Task WaitingAsync(int viewers, int background)
    {
        (await Eventually.Holds(() => _api.Queue.IsAllTold)).ShouldBeTrue();
        (await Eventually.Holds(async () =>
            (await _api.WaitingAsync("viewers"), await _api.WaitingAsync("background")) == (viewers, background))).ShouldBeTrue();
    }
}
