using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs;

/// <summary>Whose a task is, and how that ends: renewed, lost, paused, cancelled, handed back, left by the dead.</summary>
public sealed class LeaseTests
{
    private readonly TaskCompletionSource<CancellationToken> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _attempts;

    [Fact]
    public async Task A_long_task_keeps_its_lease()
    {
        await using var bench = await new JobBench().Doing(HangAsync).StartAsync();
        await bench.AddAsync(Urgency.Background);
        var token = await _begun.Task;

        for (var seconds = 0; seconds < 60; seconds += 2)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(2));
            var now = bench.Clock.GetUtcNow();
            (await bench.Catalog.ClaimAsync("thief", Urgency.Background, now, TaskRunner.Lease, default)).ShouldBeNull();
            await Task.Delay(30);
            (await Eventually.Holds(async () =>
                await bench.Catalog.NextDueAsync(Urgency.Background, now, default) - now > TaskRunner.Lease / 3)).ShouldBeTrue();
        }

        token.IsCancellationRequested.ShouldBeFalse();
        _attempts.ShouldBe(1);
    }

    [Fact]
    public async Task Pausing_stops_the_task_at_once_and_resuming_begins_it_again()
    {
        await using var bench = await new JobBench().Doing(HangAsync).StartAsync();
        var job = await bench.AddAsync(Urgency.Background);
        var token = await _begun.Task;

        (await bench.Control.ChangeAsync(job.Id, JobChange.Pause, default))!.State.ShouldBe(JobState.Paused);

        token.IsCancellationRequested.ShouldBeTrue("no renewal was due");
        (await Eventually.Holds(() => bench.Running.Count == 0)).ShouldBeTrue();
        await bench.Control.ChangeAsync(job.Id, JobChange.Resume, default);
        (await Eventually.Holds(() => _attempts == 2)).ShouldBeTrue();
    }

    [Fact]
    public async Task Cancelling_stops_the_task_at_once_and_counts_no_failure()
    {
        await using var bench = await new JobBench().Doing(async (_, ct) =>
        {
            _begun.TrySetResult(ct);
            await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return TaskResult.Failed("ffmpeg was killed");
        }).StartAsync();
        var job = await bench.AddAsync(Urgency.Background);
        await _begun.Task;

        await bench.Control.ChangeAsync(job.Id, JobChange.Cancel, default);

        (await Eventually.Holds(() => bench.Running.Count == 0)).ShouldBeTrue();
        var cancelled = await bench.JobAsync(job);
        (cancelled.State, cancelled.Reason).ShouldBe((JobState.Cancelled, null));
        bench.Logs.Lines.ShouldNotContain(line => line.Contains("ffmpeg was killed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_paused_by_another_server_stops_at_the_next_renewal()
    {
        await using var bench = await new JobBench().Doing(HangAsync).StartAsync();
        var job = await bench.AddAsync(Urgency.Background);
        var token = await _begun.Task;

        await bench.Catalog.ChangeJobAsync(job.Id, JobChange.Pause, bench.Clock.GetUtcNow(), default);
        await Task.Delay(30);
        token.IsCancellationRequested.ShouldBeFalse();
        bench.Clock.Advance(TimeSpan.FromSeconds(7));

        (await Eventually.Holds(() => token.IsCancellationRequested)).ShouldBeTrue();
    }

    [Fact]
    public async Task Removing_the_title_stops_its_tasks_at_once()
    {
        await using var bench = await new JobBench().Doing(HangAsync).StartAsync();
        var job = await bench.AddAsync(Urgency.Background);
        var token = await _begun.Task;

        await bench.Assets.RemoveAsync(job.Asset, default);

        token.IsCancellationRequested.ShouldBeTrue();
        (await Eventually.Holds(() => bench.Running.Count == 0)).ShouldBeTrue();
        (await bench.Catalog.FindJobAsync(job.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_server_that_stops_hands_its_tasks_back()
    {
        await using var bench = await new JobBench().Doing(HangAsync).StartAsync();
        var job = await bench.AddAsync(Urgency.Background);
        await _begun.Task;

        await bench.StopAsync();

        var task = await bench.Catalog.ClaimAsync("next", Urgency.Background, bench.Clock.GetUtcNow(), TaskRunner.Lease, default);
        (task!.JobId, task.Attempts, task.Failures).ShouldBe((job.Id, 1, 0));
    }

    [Fact]
    public async Task What_was_done_while_the_server_stopped_is_done()
    {
        await using var bench = await new JobBench().Doing(async (_, ct) =>
        {
            _begun.TrySetResult(ct);
            await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return TaskResult.Done;
        }).StartAsync();
        var job = await bench.AddAsync(Urgency.Background);
        await _begun.Task;

        await bench.StopAsync();

        (await bench.JobAsync(job)).State.ShouldBe(JobState.Done);
    }

    [Theory]
    [InlineData("me", true)]
    [InlineData("another", false)]
    public async Task A_task_left_by_the_dead_is_taken_up_at_once_by_itself_and_after_the_lease_by_others(string dead, bool atOnce)
    {
        await using var bench = new JobBench();
        await bench.AddAsync(Urgency.Background);
        await bench.Catalog.ClaimAsync(dead, Urgency.Background, bench.Clock.GetUtcNow(), TaskRunner.Lease, default);

        await bench.Doing(HangAsync).StartAsync(owner: "me");

        (await Eventually.Holds(() => _attempts == 1 || bench.Queue.Waits.Count >= 2)).ShouldBeTrue();
        _attempts.ShouldBe(atOnce ? 1 : 0);
        bench.Clock.Advance(TaskRunner.Lease);
        (await Eventually.Holds(() => _attempts == 1)).ShouldBeTrue();
    }

    private async Task<TaskResult> HangAsync(WorkTask task, CancellationToken ct)
    {
        Interlocked.Increment(ref _attempts);
        _begun.TrySetResult(ct);
        await Task.Delay(Timeout.Infinite, ct);
        return TaskResult.Done;
    }
}
