using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs;

/// <summary>A server that is told to stop, while requests that wait for its work still run.</summary>
public sealed class StoppingTests
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(nameof(Urgency.Background))]
    [InlineData(nameof(Urgency.Title))]
    public async Task What_no_viewer_waits_for_is_handed_back_at_once(string urgency)
    {
        await using var bench = await new JobBench().Doing(WorkAsync).StartAsync();
        var job = await bench.AddAsync(Enum.Parse<Urgency>(urgency));
        await _begun.Task.WaitAsync(Eventually.Patience);

        await bench.StoppingAsync();

        (await ClaimedElsewhereAsync(bench)).JobId.ShouldBe(job.Id);
    }

    [Fact]
    public async Task What_a_viewer_waits_for_goes_on_while_requests_do()
    {
        await using var bench = await new JobBench().Doing(WorkAsync).StartAsync();
        var job = await bench.AddAsync(Urgency.Viewer);
        await _begun.Task.WaitAsync(Eventually.Patience);

        await bench.StoppingAsync();
        bench.Clock.Advance(JobRunner.ViewersGrace - TimeSpan.FromSeconds(1));
        await Task.Delay(50);
        bench.Running.Count.ShouldBe(1);
        _mayEnd.SetResult();

        (await bench.Becomes(job, JobState.Done)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task But_no_longer_than_its_grace_or_the_last_request(bool isGraceOver)
    {
        await using var bench = await new JobBench().Doing(WorkAsync).StartAsync();
        var job = await bench.AddAsync(Urgency.Viewer);
        await _begun.Task.WaitAsync(Eventually.Patience);

        await bench.StoppingAsync();
        if (isGraceOver)
        {
            bench.Clock.Advance(JobRunner.ViewersGrace);
        }
        else
        {
            await bench.StopAsync();
        }

        (await ClaimedElsewhereAsync(bench)).JobId.ShouldBe(job.Id);
    }

    [Fact]
    public async Task Nothing_new_is_taken_up()
    {
        await using var bench = await new JobBench().Doing(WorkAsync).StartAsync(background: 2, urgent: 2);
        await bench.AddAsync(Urgency.Viewer);
        await _begun.Task.WaitAsync(Eventually.Patience);

        await bench.StoppingAsync();
        var late = await bench.AddAsync(Urgency.Viewer);

        (await ClaimedElsewhereAsync(bench)).JobId.ShouldBe(late.Id);
        bench.Running.Count.ShouldBe(1);
        _mayEnd.SetResult();
        await bench.StopAsync();
    }

    private async Task<TaskResult> WorkAsync(WorkTask task, CancellationToken ct)
    {
        _begun.TrySetResult();
        await _mayEnd.Task.WaitAsync(ct);
        return TaskResult.Done;
    }

    /// <summary>What another server gets, without any lease having passed.</summary>
    private static async Task<WorkTask> ClaimedElsewhereAsync(JobBench bench)
    {
        WorkTask? claimed = null;
        (await Eventually.Holds(async () => (claimed = await bench.Catalog.ClaimAsync(
            "another", Urgency.Background, bench.Clock.GetUtcNow(), TaskRunner.Lease, default)) is not null)).ShouldBeTrue();
        return claimed!;
    }
}
