using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs;

/// <summary>Lanes: what is done when, by whom, and what happens to it.</summary>
public sealed class JobRunnerTests
{
    private static Task<TaskResult> Done => Task.FromResult(TaskResult.Done);

    [Fact]
    public async Task A_job_is_done_task_by_task_as_soon_as_it_is_added()
    {
        await using var bench = await new JobBench().Doing((_, _) => Done).StartAsync();

        var job = await bench.AddAsync(Urgency.Background, Urgency.Title, Urgency.Viewer);

        (await bench.Becomes(job, JobState.Done)).ShouldBeTrue();
        (await bench.JobAsync(job)).TasksDone.ShouldBe(3);
    }

    [Fact]
    public async Task A_job_that_was_there_before_the_start_is_done()
    {
        await using var bench = new JobBench();
        var job = await bench.AddAsync(Urgency.Background);
        await bench.Doing((_, _) => Done).StartAsync();
        (await bench.Becomes(job, JobState.Done)).ShouldBeTrue();
    }

    [Fact]
    public async Task One_announcement_employs_every_lane_that_it_has_work_for()
    {
        var together = new TaskCompletionSource();
        var begun = 0;
        await using var bench = await new JobBench().Doing(async (_, ct) =>
        {
            if (Interlocked.Increment(ref begun) == 3)
            {
                together.SetResult();
            }

            await together.Task.WaitAsync(ct);
            return TaskResult.Done;
        }).StartAsync(background: 3);
        (await Eventually.Holds(() => bench.Queue.Waits.Count == 4)).ShouldBeTrue();

        var job = await bench.AddAsync(Urgency.Background, Urgency.Background, Urgency.Background);

        (await bench.Becomes(job, JobState.Done)).ShouldBeTrue();
    }

    [Fact]
    public async Task Background_work_never_takes_the_lane_of_those_who_wait()
    {
        var busy = new TaskCompletionSource();
        var begun = 0;
        await using var bench = await new JobBench().Doing(async (task, ct) =>
        {
            if (task.Urgency == Urgency.Background)
            {
                Interlocked.Increment(ref begun);
                await busy.Task.WaitAsync(ct);
            }

            return TaskResult.Done;
        }).StartAsync();
        var background = await bench.AddAsync(Urgency.Background, Urgency.Background);
        (await Eventually.Holds(() => begun == 1)).ShouldBeTrue();

        var urgent = await bench.AddAsync(Urgency.Title);
        (await bench.Becomes(urgent, JobState.Done)).ShouldBeTrue();

        begun.ShouldBe(1);
        busy.SetResult();
        (await bench.Becomes(background, JobState.Done)).ShouldBeTrue();
    }

    [Fact]
    public async Task Without_work_nothing_looks_for_it_more_than_once_a_minute()
    {
        await using var bench = await new JobBench().Doing((_, _) => Done).StartAsync(background: 2, urgent: 3);
        (await Eventually.Holds(() => bench.Queue.Waits.Count == 5)).ShouldBeTrue();

        bench.Clock.Advance(TimeSpan.FromMinutes(4.9));
        await Task.Delay(50);

        bench.Queue.Waits.ShouldBe(Enumerable.Repeat(TimeSpan.FromMinutes(5), 5));
    }

    [Fact]
    public async Task A_kind_that_nobody_here_can_do_fails_and_says_so()
    {
        await using var bench = await new JobBench().StartAsync();
        var job = await bench.AddAsync(Urgency.Background);
        (await bench.Becomes(job, JobState.Failed)).ShouldBeTrue();
        (await bench.JobAsync(job)).Reason.ShouldBe("This server cannot do jobs of the kind 'encode'.");
    }

    [Fact]
    public async Task Attempts_are_repeated_with_growing_pauses_and_then_given_up()
    {
        var attempts = 0;
        await using var bench = await new JobBench().Doing((_, _) =>
            Task.FromResult(TaskResult.Failed("ffmpeg crashed", "tail " + Interlocked.Increment(ref attempts)))).StartAsync();

        var job = await bench.AddAsync(Urgency.Background);

        var seen = 0; // Of another lane, which has nothing to do with it, the wait may come later, and be longer.
        foreach (var (attempt, seconds) in ((int, double)[])[(1, 2), (2, 8), (3, 32)])
        {
            var now = bench.Clock.GetUtcNow();
            (await Eventually.Holds(async () => attempts == attempt
                && await bench.Catalog.NextDueAsync(Urgency.Background, now, default) is { } due
                && due - now >= TimeSpan.FromSeconds(seconds) && due - now <= TimeSpan.FromSeconds(seconds * 1.25)
                && bench.Queue.Waits.Skip(seen).Any(wait => wait <= TimeSpan.FromSeconds(seconds * 1.25 + 1)))).ShouldBeTrue($"attempt {attempt}");
            seen = bench.Queue.Waits.Count;
            bench.Clock.Advance(TimeSpan.FromSeconds(seconds - 0.1));
            await Task.Delay(30);
            attempts.ShouldBe(attempt);
            bench.Clock.Advance(TimeSpan.FromSeconds((seconds * 0.25) + 0.2));
        }

        (await bench.Becomes(job, JobState.Failed)).ShouldBeTrue();
        var failed = await bench.JobAsync(job);
        (attempts, failed.Reason, failed.Log).ShouldBe((4, "ffmpeg crashed", "tail 4"));
    }

    [Fact]
    public async Task What_waits_is_looked_at_again_however_often_and_has_not_failed()
    {
        var attempts = 0;
        await using var bench = await new JobBench().Doing((_, _) =>
            Task.FromResult(Interlocked.Increment(ref attempts) <= 6 ? TaskResult.Waiting("no room", TimeSpan.FromSeconds(15)) : TaskResult.Done)).StartAsync();

        var job = await bench.AddAsync(Urgency.Background);

        var seen = 0; // As above.
        for (var attempt = 1; attempt <= 6; attempt++)
        {
            (await Eventually.Holds(async () => attempts == attempt && (await bench.JobAsync(job)).Trouble == "no room"
                && bench.Queue.Waits.Skip(seen).Any(wait => wait <= TimeSpan.FromSeconds(15)))).ShouldBeTrue($"attempt {attempt}");
            seen = bench.Queue.Waits.Count;
            bench.Clock.Advance(TimeSpan.FromSeconds(15));
        }

        (await bench.Becomes(job, JobState.Done)).ShouldBeTrue();
        (await bench.JobAsync(job)).ShownReason.ShouldBeNull();
    }

    [Fact]
    public async Task A_catalog_that_was_out_of_reach_is_no_fault_of_the_task()
    {
        var attempts = 0;
        await using var bench = await new JobBench().Doing((_, _) => Interlocked.Increment(ref attempts) == 1
            ? throw new CatalogUnreachableException("gone", new IOException()) : Done).StartAsync();
        var job = await bench.AddAsync(Urgency.Background);
        (await Eventually.Holds(async () => (await bench.JobAsync(job)).Trouble == "gone" && bench.Queue.Waits.Any(wait => wait <= TimeSpan.FromSeconds(5)))).ShouldBeTrue();
        bench.Clock.Advance(TimeSpan.FromSeconds(5));
        (await bench.Becomes(job, JobState.Done)).ShouldBeTrue();
    }

    [Fact]
    public async Task Failures_before_something_was_published_do_not_count()
    {
        var attempts = 0;
        await using var bench = await new JobBench().Doing((_, _) =>
            Task.FromResult(TaskResult.Failed("killed") with { MadeProgress = Interlocked.Increment(ref attempts) == 4 })).StartAsync();

        var job = await bench.AddAsync(Urgency.Background);
        (await Eventually.Holds(async () =>
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(11));
            return (await bench.JobAsync(job)).State == JobState.Failed;
        })).ShouldBeTrue();

        attempts.ShouldBeGreaterThan(4);
    }

    [Fact]
    public async Task What_no_further_attempt_can_mend_is_not_tried_again()
    {
        var attempts = 0;
        await using var bench = await new JobBench().Doing((_, _) =>
        {
            attempts++;
            return Task.FromResult(TaskResult.Failed("no video in it", mayRetry: false));
        }).StartAsync();
        var job = await bench.AddAsync(Urgency.Background);
        (await bench.Becomes(job, JobState.Failed)).ShouldBeTrue();
        attempts.ShouldBe(1);
    }

    [Fact]
    public async Task An_executor_that_throws_has_failed_and_its_lane_goes_on()
    {
        await using var bench = await new JobBench().Doing((task, _) => task.Urgency == Urgency.Title
            ? throw new InvalidOperationException("a secret path")
            : Done).StartAsync(background: 1, urgent: 0);

        var broken = await bench.AddAsync(Urgency.Title);
        var fine = await bench.AddAsync(Urgency.Background);

        (await bench.Becomes(fine, JobState.Done)).ShouldBeTrue();
        var task = await bench.Catalog.ClaimAsync(
            "test", Urgency.Title, bench.Clock.GetUtcNow().AddSeconds(3), TimeSpan.FromSeconds(1), default);
        (task!.JobId, task.Failures, task.Reason).ShouldBe((broken.Id, 1, "The server made a mistake; its log says more."));
        bench.Logs.Lines.ShouldContain(line => line.Contains("a secret path", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_catalog_that_cannot_be_read_stops_no_lane_for_good()
    {
        await using var bench = await new JobBench().Doing((_, _) => Done).StartAsync(migrate: false);
        (await Eventually.Holds(() => bench.Logs.Lines.Any(line => line.Contains("cannot be worked on", StringComparison.Ordinal)))).ShouldBeTrue();

        var job = await bench.AddAsync(Urgency.Background);

        (await Eventually.Holds(async () =>
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(10));
            return (await bench.JobAsync(job)).State == JobState.Done;
        })).ShouldBeTrue();
    }
}
