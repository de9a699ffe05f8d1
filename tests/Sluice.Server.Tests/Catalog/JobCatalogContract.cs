using System.Data.Common;
using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>What every catalog does with jobs: how they begin, go on and end. Each implementation runs this suite.</summary>
public abstract class JobCatalogContract(CatalogHome home) : WorkCatalogContract(home)
{
    [Fact]
    public async Task A_row_and_its_jobs_are_added_together_or_not_at_all()
    {
        var asset = CatalogContract.Sample(Noon);
        await Catalog.AddAsync(asset, default);

        await Should.ThrowAsync<DbException>(() => Catalog.AddAsync(asset, [new NewJob(JobKind.Remux, [Work()])], default));

        (await Catalog.ListJobsAsync(asset.Id, null, 10, default)).ShouldBeEmpty();
        (await ClaimAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Jobs_are_made_queued_with_their_tasks()
    {
        var asset = CatalogContract.Sample(Noon);
        await Catalog.AddAsync(asset, default);

        var jobs = await Catalog.AddJobsAsync(
            asset.Id, [new NewJob(JobKind.Remux, [Work()]), new NewJob(JobKind.Extras, [Work(), Work()])], Noon, default);

        jobs.Select(job => (job.Kind, job.State, job.TaskCount, job.Progress))
            .ShouldBe([(JobKind.Remux, JobState.Queued, 1, 0), (JobKind.Extras, JobState.Queued, 2, 0)]);
        jobs[1].ShouldBe(await JobAsync(jobs[1].Id));
    }

    [Fact]
    public async Task A_title_that_is_not_there_gets_no_jobs()
    {
        (await Catalog.AddJobsAsync(AssetId.New(), [new NewJob(JobKind.Remux, [Work()])], Noon, default)).ShouldBeEmpty();
        (await ClaimAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_job_runs_from_its_first_claim_until_its_last_task_is_done()
    {
        var job = await AddAsync(Work(), Work());
        job.State.ShouldBe(JobState.Queued);

        var one = (await ClaimAsync(Noon.AddSeconds(1))).ShouldNotBeNull();
        (await JobAsync(job.Id)).State.ShouldBe(JobState.Running);
        await Catalog.CompleteAsync(one, Noon.AddSeconds(2), default);
        var half = await JobAsync(job.Id);
        (half.State, half.TasksDone, half.Progress, half.FinishedAt).ShouldBe((JobState.Running, 1, 0.5, null));

        var two = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.CompleteAsync(two, Noon.AddSeconds(3), default);
        var done = await JobAsync(job.Id);
        (done.State, done.Progress, done.FinishedAt, done.UpdatedAt)
            .ShouldBe((JobState.Done, 1, Noon.AddSeconds(3), Noon.AddSeconds(3)));
        (await ClaimAsync(Noon.AddHours(1))).ShouldBeNull();
    }

    [Fact]
    public async Task A_job_fails_with_the_first_reason_after_all_else_is_done()
    {
        var job = await AddAsync(Work(), Work(), Work());
        foreach (var reason in (string?[])["first", null, "second"])
        {
            var task = (await ClaimAsync()).ShouldNotBeNull();
            (await JobAsync(job.Id)).State.ShouldBe(JobState.Running);
            await (reason is null
                ? Catalog.CompleteAsync(task, Noon, default)
                : Catalog.FailAsync(task, reason, "tail of " + reason, null, Noon, default));
        }

        var failed = await JobAsync(job.Id);
        (failed.State, failed.Reason, failed.Log, failed.TasksDone, failed.FinishedAt)
            .ShouldBe((JobState.Failed, "first", "tail of first", 3, Noon));
    }

    [Fact]
    public async Task A_report_is_finer_than_counting_tasks()
    {
        var job = await AddAsync(Work(), Work());
        await Catalog.ReportAsync(job.Id, 0.25, null, Noon.AddSeconds(1), default);
        var reported = await JobAsync(job.Id);
        (reported.Progress, reported.Reason, reported.UpdatedAt).ShouldBe((0.25, null, Noon.AddSeconds(1)));

        await Catalog.ReportAsync(job.Id, 7, "the source ends early", Noon, default);
        await Catalog.ReportAsync(job.Id, 0.5, null, Noon, default);
        reported = await JobAsync(job.Id);
        (reported.Progress, reported.Reason).ShouldBe((0.5, "the source ends early"));
    }

    [Fact]
    public async Task A_paused_job_stops_and_goes_on()
    {
        var job = await AddAsync(Work(), Work());
        var held = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.PublishChunkAsync(held, Chunk(held, 1), default);

        (await Catalog.ChangeJobAsync(job.Id, JobChange.Pause, Noon, default))!.State.ShouldBe(JobState.Paused);

        (await ClaimAsync(Noon.AddHours(1))).ShouldBeNull();
        (await Catalog.RenewAsync(held, Noon + Lease, default)).ShouldBeFalse();
        (await Catalog.PublishChunkAsync(held, Chunk(held, 2), default)).ShouldBeFalse();
        (await Catalog.CompleteAsync(held, Noon, default)).ShouldBeFalse();
        (await Catalog.ListChunksAsync(job.Asset, default)).Count.ShouldBe(1);

        (await Catalog.ChangeJobAsync(job.Id, JobChange.Resume, Noon, default))!.State.ShouldBe(JobState.Running);
        var again = (await ClaimAsync()).ShouldNotBeNull();
        (again.Id, again.Attempts).ShouldBe((held.Id, 1));
        again.Fence.ShouldBeGreaterThan(held.Fence);
    }

    [Fact]
    public async Task A_job_paused_before_its_first_task_is_queued_again()
    {
        var job = await AddAsync(Work());
        await Catalog.ChangeJobAsync(job.Id, JobChange.Pause, Noon, default);
        (await Catalog.ChangeJobAsync(job.Id, JobChange.Resume, Noon, default))!.State.ShouldBe(JobState.Queued);
    }

    [Fact]
    public async Task A_cancelled_job_ends_and_can_be_begun_again_with_what_is_missing()
    {
        var job = await AddAsync(Work(), Work());
        var one = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.CompleteAsync(one, Noon, default);
        var two = (await ClaimAsync()).ShouldNotBeNull();

        var cancelled = (await Catalog.ChangeJobAsync(job.Id, JobChange.Cancel, Noon.AddSeconds(5), default)).ShouldNotBeNull();

        (cancelled.State, cancelled.FinishedAt).ShouldBe((JobState.Cancelled, Noon.AddSeconds(5)));
        (await Catalog.CompleteAsync(two, Noon, default)).ShouldBeFalse();
        (await Catalog.AddTaskAsync(job.Id, Work(), Noon, default)).ShouldBeNull();
        (await ClaimAsync(Noon.AddHours(1))).ShouldBeNull();

        var retried = (await Catalog.ChangeJobAsync(job.Id, JobChange.Retry, Noon.AddSeconds(9), default)).ShouldNotBeNull();
        (retried.State, retried.FinishedAt, retried.TasksDone).ShouldBe((JobState.Queued, null, 1));
        (await ClaimAsync(Noon.AddSeconds(9))).ShouldNotBeNull().Id.ShouldBe(two.Id);
        (await ClaimAsync(Noon.AddSeconds(9))).ShouldBeNull("the first task was done");
    }

    [Fact]
    public async Task A_failed_job_is_retried_with_a_clean_slate()
    {
        var job = await AddAsync(Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.FailAsync(task, "broken", "tail", null, Noon, default);

        var retried = (await Catalog.ChangeJobAsync(job.Id, JobChange.Retry, Noon, default)).ShouldNotBeNull();

        (retried.State, retried.Reason, retried.Log, retried.FinishedAt).ShouldBe((JobState.Queued, null, null, null));
        var again = (await ClaimAsync()).ShouldNotBeNull();
        (again.Id, again.Attempts, again.Failures, again.Reason).ShouldBe((task.Id, 1, 0, null));
    }

    [Fact]
    public async Task A_change_that_makes_no_sense_changes_nothing()
    {
        var job = await AddAsync(Work());
        foreach (var change in (JobChange[])[JobChange.Resume, JobChange.Retry])
        {
            (await Catalog.ChangeJobAsync(job.Id, change, Noon.AddSeconds(1), default)).ShouldBe(job);
        }

        await Catalog.CompleteAsync((await ClaimAsync())!, Noon, default);
        var done = await JobAsync(job.Id);
        foreach (var change in Enum.GetValues<JobChange>())
        {
            (await Catalog.ChangeJobAsync(job.Id, change, Noon.AddSeconds(1), default)).ShouldBe(done);
        }

        (await Catalog.ChangeJobAsync("nothing", JobChange.Cancel, Noon, default)).ShouldBeNull();
        (await Catalog.FindJobAsync("nothing", default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_task_can_be_added_and_a_job_that_was_done_runs_again()
    {
        var job = await AddAsync(Work());
        await Catalog.CompleteAsync((await ClaimAsync())!, Noon, default);

        var added = (await Catalog.AddTaskAsync(job.Id, new NewTask(Urgency.Viewer, 4, 5, "v1"), Noon, default)).ShouldNotBeNull();

        (added.JobId, added.Asset, added.Kind, added.State, added.FirstChunk, added.EndChunk, added.Renditions)
            .ShouldBe((job.Id, job.Asset, JobKind.Encode, WorkState.Queued, 4, 5, "v1"));
        var running = await JobAsync(job.Id);
        (running.State, running.TaskCount, running.FinishedAt).ShouldBe((JobState.Running, 2, null));
        (await ClaimAsync()).ShouldNotBeNull().Id.ShouldBe(added.Id);
        (await Catalog.AddTaskAsync("nothing", Work(), Noon, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Work_goes_with_its_title()
    {
        var job = await AddAsync(Work(), Work());
        var kept = await AddAsync(Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.PublishChunkAsync(task, Chunk(task, 1), default);

        await Catalog.RemoveAsync(job.Asset, default);

        (await Catalog.FindJobAsync(job.Id, default)).ShouldBeNull();
        (await Catalog.ListJobsAsync(job.Asset, null, 10, default)).ShouldBeEmpty();
        (await Catalog.ListChunksAsync(job.Asset, default)).ShouldBeEmpty();
        (await Catalog.PublishChunkAsync(task, Chunk(task, 2), default)).ShouldBeFalse();
        (await Catalog.CompleteAsync(task, Noon, default)).ShouldBeFalse();
        await Catalog.ReportAsync(job.Id, 0.5, null, Noon, default);
        (await ClaimAsync()).ShouldNotBeNull().JobId.ShouldBe(kept.Id);
        (await ClaimAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Pages_walk_all_jobs_newest_first_or_those_of_one_title()
    {
        var asset = CatalogContract.Sample(Noon);
        var other = await AddAsync(Work());
        await Catalog.AddAsync(asset, default);
        foreach (var minute in (int[])[0, 1, 1, 2, 3])
        {
            await Catalog.AddJobsAsync(asset.Id, [new NewJob(JobKind.Extras, [])], Noon.AddMinutes(minute), default);
        }

        foreach (var (only, count) in ((AssetId?, int)[])[(null, 6), (asset.Id, 5), (other.Asset, 1)])
        {
            var walked = new List<Job>();
            string? after = null;
            while (await Catalog.ListJobsAsync(only, after, 2, default) is { Count: > 0 } page)
            {
                page.Count.ShouldBeLessThanOrEqualTo(2);
                walked.AddRange(page);
                after = page[^1].Id;
            }

            walked.Count.ShouldBe(count);
            walked.Select(job => job.Id).ShouldBeUnique();
            walked.Select(job => job.CreatedAt).ShouldBeInOrder(SortDirection.Descending);
        }
    }
}
