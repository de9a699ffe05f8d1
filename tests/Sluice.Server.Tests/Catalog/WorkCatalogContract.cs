using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>What every catalog does with tasks: claims, leases, fences, chunks. Each implementation runs this suite.</summary>
public abstract class WorkCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private protected static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    private protected Task<WorkTask?> ClaimAsync(DateTimeOffset? now = null, Urgency least = Urgency.Background, string owner = "w") =>
        Catalog.ClaimAsync(owner, least, now ?? Noon, Lease, default);

    private protected async Task<Job> AddAsync(params NewTask[] tasks)
    {
        var asset = CatalogContract.Sample(Noon);
        await Catalog.AddAsync(asset, [new NewJob(JobKind.Encode, tasks)], default);
        return (await Catalog.ListJobsAsync(asset.Id, null, 10, default)).ShouldHaveSingleItem();
    }

    private protected async Task<Job> JobAsync(string id) => (await Catalog.FindJobAsync(id, default)).ShouldNotBeNull();

    private protected static NewTask Work(Urgency urgency = Urgency.Background) => new(urgency);

    private protected static ChunkRow Chunk(WorkTask task, int number, string rendition = "v1") =>
        new(rendition, number, task.Fence, 1000, 100, [1, 2, 3, (byte)number], IsPlaceholder: false);

    [Fact]
    public async Task A_task_comes_back_as_it_went_in()
    {
        var job = await AddAsync(new NewTask(Urgency.Title, 3, 9, "v1,v2"));

        var task = (await ClaimAsync(owner: "me")).ShouldNotBeNull();

        task.ShouldBe(new WorkTask
        {
            Id = task.Id,
            JobId = job.Id,
            Asset = job.Asset,
            Kind = JobKind.Encode,
            Urgency = Urgency.Title,
            FirstChunk = 3,
            EndChunk = 9,
            Renditions = "v1,v2",
            State = WorkState.Running,
            Attempts = 1,
            NotBefore = Noon,
            Fence = task.Fence,
            Owner = "me",
            LeaseUntil = Noon + Lease,
        });
        task.Fence.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_task_that_is_to_wait_is_claimed_when_its_time_has_come()
    {
        await AddAsync(new NewTask(Urgency.Background) { Delay = TimeSpan.FromSeconds(2) });

        (await Catalog.ClaimAsync("me", Urgency.Background, Noon.AddSeconds(1.9), Lease, default)).ShouldBeNull();
        (await Catalog.NextDueAsync(Urgency.Background, Noon, default)).ShouldBe(Noon.AddSeconds(2));
        (await Catalog.ClaimAsync("me", Urgency.Background, Noon.AddSeconds(2), Lease, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_task_that_waits_for_something_has_not_failed_and_its_job_says_what_for()
    {
        var job = await AddAsync(Work(), Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();

        (await Catalog.PostponeAsync(task, "no room", Noon.AddSeconds(15), Noon, default)).ShouldBeTrue();

        var waiting = await JobAsync(job.Id);
        (waiting.State, waiting.Reason, waiting.Trouble, waiting.ShownReason).ShouldBe((JobState.Running, null, "no room", "no room"));
        (await Catalog.RenewAsync(task, Noon.AddHours(1), default)).ShouldBeFalse();
        (await ClaimAsync(Noon.AddSeconds(14))).ShouldNotBeNull().Id.ShouldNotBe(task.Id);
        var again = (await ClaimAsync(Noon.AddSeconds(15))).ShouldNotBeNull();
        (again.Id, again.Attempts, again.Failures, again.Reason).ShouldBe((task.Id, 1, 0, "no room"));
        (await JobAsync(job.Id)).Trouble.ShouldBeNull();
        (await Catalog.PostponeAsync(task, "no room", Noon, Noon, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_job_whose_tasks_all_wait_is_not_running_until_one_of_them_is()
    {
        var job = await AddAsync(Work(), Work());
        var (one, other) = ((await ClaimAsync()).ShouldNotBeNull(), (await ClaimAsync()).ShouldNotBeNull());

        await Catalog.PostponeAsync(one, "no room", Noon.AddSeconds(15), Noon, default);
        (await JobAsync(job.Id)).State.ShouldBe(JobState.Running);
        await Catalog.FailAsync(other, "it was killed", null, Noon.AddSeconds(15), Noon, default);
        (await JobAsync(job.Id)).State.ShouldBe(JobState.Queued);

        await ClaimAsync(Noon.AddSeconds(15));
        (await JobAsync(job.Id)).State.ShouldBe(JobState.Running);
    }

    [Fact]
    public async Task A_job_tells_why_a_task_of_it_waits_for_its_next_attempt_until_it_has_ended()
    {
        var job = await AddAsync(Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.FailAsync(task, "it was killed", null, Noon.AddSeconds(2), Noon, default);
        (await JobAsync(job.Id)).ShownReason.ShouldBe("it was killed");

        var last = (await ClaimAsync(Noon.AddSeconds(2))).ShouldNotBeNull();
        await Catalog.CompleteAsync(last, Noon, default);

        var done = await JobAsync(job.Id);
        (done.State, done.ShownReason).ShouldBe((JobState.Done, null));
    }

    [Fact]
    public async Task Claimants_at_once_never_get_the_same_task()
    {
        await AddAsync([.. Enumerable.Repeat(Work(), 40)]);
        using var other = Open() as IDisposable;

        var claims = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() =>
            (i % 2 == 0 ? Catalog : (ICatalog)other!).ClaimAsync("w" + i, Urgency.Background, Noon, Lease, default))));

        var tasks = claims.OfType<WorkTask>().ToArray();
        tasks.Length.ShouldBe(40);
        tasks.Select(task => task.Id).ShouldBeUnique();
        tasks.Select(task => task.Fence).ShouldBeUnique();
    }

    [Fact]
    public async Task The_most_urgent_goes_first_then_the_oldest()
    {
        var first = await AddAsync(Work(), Work(Urgency.Title));
        var second = await AddAsync(Work(Urgency.Viewer), Work(), Work(Urgency.Title));

        var order = new List<(string, Urgency)>();
        while (await ClaimAsync() is { } task)
        {
            order.Add((task.JobId, task.Urgency));
        }

        order.ShouldBe(
        [
            (second.Id, Urgency.Viewer), (first.Id, Urgency.Title), (second.Id, Urgency.Title),
            (first.Id, Urgency.Background), (second.Id, Urgency.Background),
        ]);
    }

    [Fact]
    public async Task A_claimant_can_leave_the_less_urgent_alone()
    {
        await AddAsync(Work());
        (await ClaimAsync(least: Urgency.Title)).ShouldBeNull();
        (await ClaimAsync()).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_task_whose_lease_passed_is_claimed_again_and_its_first_worker_has_lost_it()
    {
        var job = await AddAsync(Work());
        var first = (await ClaimAsync()).ShouldNotBeNull();
        (await ClaimAsync(Noon + Lease - TimeSpan.FromMicroseconds(1))).ShouldBeNull();

        var second = (await ClaimAsync(Noon + Lease)).ShouldNotBeNull();

        (second.Id, second.Attempts, second.Failures).ShouldBe((first.Id, 2, 0));
        second.Fence.ShouldBeGreaterThan(first.Fence);
        (await Catalog.RenewAsync(first, Noon.AddHours(1), default)).ShouldBeFalse();
        (await Catalog.PublishChunkAsync(first, Chunk(first, 1), default)).ShouldBeFalse();
        (await Catalog.CompleteAsync(first, Noon, default)).ShouldBeFalse();
        (await Catalog.FailAsync(first, "no", null, null, Noon, default)).ShouldBeFalse();
        (await Catalog.ReleaseAsync(first, Noon, default)).ShouldBeFalse();
        (await Catalog.ListChunksAsync(job.Asset, default)).ShouldBeEmpty();

        (await Catalog.PublishChunkAsync(second, Chunk(second, 1), default)).ShouldBeTrue();
        (await Catalog.CompleteAsync(second, Noon, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_renewed_lease_holds_longer()
    {
        await AddAsync(Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();

        (await Catalog.RenewAsync(task, Noon + (2 * Lease), default)).ShouldBeTrue();

        (await ClaimAsync(Noon + Lease)).ShouldBeNull();
        (await ClaimAsync(Noon + (2 * Lease))).ShouldNotBeNull();
    }

    [Fact]
    public async Task Fences_of_different_tasks_of_a_title_differ_also_after_another_title_is_gone()
    {
        var gone = await AddAsync(Work(), Work(), Work());
        var kept = await AddAsync(Work(), Work());
        var fences = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            fences.Add((await ClaimAsync()).ShouldNotBeNull().Fence);
        }

        await Catalog.RemoveAsync(gone.Asset, default);
        var last = (await ClaimAsync()).ShouldNotBeNull();

        last.Asset.ShouldBe(kept.Asset);
        last.Fence.ShouldBeGreaterThan(fences.Max());
    }

    [Fact]
    public async Task A_chunk_is_published_once()
    {
        var job = await AddAsync(Work(), Work());
        var (one, two) = ((await ClaimAsync()).ShouldNotBeNull(), (await ClaimAsync()).ShouldNotBeNull());
        var chunk = Chunk(one, 7) with { IsPlaceholder = true };

        (await Catalog.PublishChunkAsync(one, chunk, default)).ShouldBeTrue();
        (await Catalog.PublishChunkAsync(one, chunk, default)).ShouldBeFalse();
        (await Catalog.PublishChunkAsync(two, Chunk(two, 7), default)).ShouldBeFalse();

        var found = (await Catalog.ListChunksAsync(job.Asset, default)).ShouldHaveSingleItem();
        found.Sha256.ShouldBe(chunk.Sha256);
        (found with { Sha256 = chunk.Sha256 }).ShouldBe(chunk);
    }

    [Fact]
    public async Task What_is_made_of_a_gathered_rendition_comes_too_late_until_its_job_has_ended()
    {
        var job = await AddAsync(Work(), Work());
        var (one, two) = ((await ClaimAsync()).ShouldNotBeNull(), (await ClaimAsync()).ShouldNotBeNull());
        (await Catalog.PublishChunkAsync(one, Chunk(one, 7), default)).ShouldBeTrue();
        var rendition = Chunk(one, 7).Rendition;

        await Catalog.MarkGatheredAsync(job.Asset, rendition, default);
        await Catalog.RemoveChunksAsync(job.Asset, rendition, default);
        (await Catalog.PublishChunkAsync(two, Chunk(two, 7), default)).ShouldBeFalse();
        (await Catalog.PublishChunkAsync(two, Chunk(two, 7, "other"), default)).ShouldBeTrue("that is another rendition");
        (await Catalog.ListChunksAsync(job.Asset, default)).ShouldHaveSingleItem().Rendition.ShouldBe("other");
        (await Catalog.IsGatheredAsync(job.Asset, rendition, default)).ShouldBeTrue();

        (await Catalog.CompleteAsync(one, Noon, default)).ShouldBeTrue();
        (await Catalog.IsGatheredAsync(job.Asset, rendition, default)).ShouldBeTrue("the other task may still publish");
        (await Catalog.CompleteAsync(two, Noon, default)).ShouldBeTrue();
        (await Catalog.IsGatheredAsync(job.Asset, rendition, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Chunks_are_listed_in_order_and_forgotten_by_rendition()
    {
        var job = await AddAsync(Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();
        foreach (var (rendition, number) in ((string, int)[])[("v2", 1), ("v1", 10), ("v1", 2)])
        {
            await Catalog.PublishChunkAsync(task, Chunk(task, number, rendition), default);
        }

        (await Catalog.ListChunksAsync(job.Asset, default)).Select(c => (c.Rendition, c.Number))
            .ShouldBe([("v1", 2), ("v1", 10), ("v2", 1)]);

        await Catalog.RemoveChunksAsync(job.Asset, "v1", default);
        (await Catalog.ListChunksAsync(job.Asset, default)).ShouldHaveSingleItem().Rendition.ShouldBe("v2");
        (await Catalog.ListChunksAsync(AssetId.New(), default)).ShouldBeEmpty();
        (await Catalog.FindChunkAsync(job.Asset, "v2", 1, default)).ShouldNotBeNull().Rendition.ShouldBe("v2");
        (await Catalog.FindChunkAsync(job.Asset, "v2", 99, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_failed_attempt_waits_for_its_time()
    {
        var job = await AddAsync(Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();

        (await Catalog.FailAsync(task, "ffmpeg crashed", "tail", Noon.AddSeconds(8), Noon, default)).ShouldBeTrue();

        (await ClaimAsync(Noon.AddSeconds(7.9))).ShouldBeNull();
        (await JobAsync(job.Id)).State.ShouldBe(JobState.Queued);
        var again = (await ClaimAsync(Noon.AddSeconds(8))).ShouldNotBeNull();
        (again.Attempts, again.Failures, again.Reason).ShouldBe((2, 1, "ffmpeg crashed"));
    }

    [Fact]
    public async Task A_published_chunk_wipes_the_slate()
    {
        await AddAsync(Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.FailAsync(task, "crashed", null, Noon, Noon, default);
        task = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.PublishChunkAsync(task, Chunk(task, 1), default);
        await Catalog.FailAsync(task, "crashed", null, Noon, Noon, default);

        (await ClaimAsync()).ShouldNotBeNull().Failures.ShouldBe(1);
    }

    [Fact]
    public async Task A_released_task_is_as_if_never_claimed_but_its_fence_has_moved_on()
    {
        await AddAsync(Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();

        (await Catalog.ReleaseAsync(task, Noon, default)).ShouldBeTrue();
        (await Catalog.RenewAsync(task, Noon + Lease, default)).ShouldBeFalse();

        var again = (await ClaimAsync()).ShouldNotBeNull();
        (again.Id, again.Attempts).ShouldBe((task.Id, 1));
        again.Fence.ShouldBeGreaterThan(task.Fence);
    }

    [Fact]
    public async Task Who_was_killed_and_starts_again_gets_its_tasks_back_without_waiting()
    {
        await AddAsync(Work(), Work());
        var mine = (await ClaimAsync(owner: "me")).ShouldNotBeNull();
        await ClaimAsync(owner: "you");

        await Catalog.ReleaseOwnedAsync("me", default);

        (await Catalog.RenewAsync(mine, Noon + Lease, default)).ShouldBeFalse();
        var again = (await ClaimAsync()).ShouldNotBeNull();
        (again.Id, again.Attempts, again.Failures).ShouldBe((mine.Id, 2, 0));
        (await ClaimAsync()).ShouldBeNull("yours is not touched");
    }

    [Fact]
    public async Task Next_due_is_the_nearest_time_to_come()
    {
        (await Catalog.NextDueAsync(Urgency.Background, Noon, default)).ShouldBeNull();
        await AddAsync(Work(Urgency.Title), Work());
        (await Catalog.NextDueAsync(Urgency.Background, Noon, default)).ShouldBeNull("both are due already");

        var title = (await ClaimAsync()).ShouldNotBeNull();
        (await Catalog.NextDueAsync(Urgency.Background, Noon, default)).ShouldBe(Noon + Lease);
        var background = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.FailAsync(background, "no", null, Noon.AddSeconds(2), Noon, default);

        (await Catalog.NextDueAsync(Urgency.Background, Noon, default)).ShouldBe(Noon.AddSeconds(2));
        (await Catalog.NextDueAsync(Urgency.Title, Noon, default)).ShouldBe(Noon + Lease);
        (await Catalog.NextDueAsync(Urgency.Background, Noon.AddSeconds(2), default)).ShouldBe(Noon + Lease);
        await Catalog.ChangeJobAsync(title.JobId, JobChange.Pause, Noon, default);
        (await Catalog.NextDueAsync(Urgency.Background, Noon, default)).ShouldBeNull("a paused job waits for nobody");
    }

    [Fact]
    public async Task What_was_paused_is_claimed_again_when_it_goes_on_or_is_tried_again()
    {
        var (resumed, retried) = (await AddAsync(Work(), Work()), await AddAsync(Work()));
        foreach (var job in (Job[])[resumed, retried])
        {
            await Catalog.ChangeJobAsync(job.Id, JobChange.Pause, Noon, default);
        }

        (await ClaimAsync()).ShouldBeNull();
        await Catalog.ChangeJobAsync(resumed.Id, JobChange.Resume, Noon, default);
        await Catalog.ChangeJobAsync(retried.Id, JobChange.Cancel, Noon, default);
        await Catalog.ChangeJobAsync(retried.Id, JobChange.Retry, Noon, default);

        (await ClaimAsync()).ShouldNotBeNull().JobId.ShouldBe(resumed.Id);
        (await ClaimAsync()).ShouldNotBeNull().JobId.ShouldBe(resumed.Id);
        (await ClaimAsync()).ShouldNotBeNull().JobId.ShouldBe(retried.Id);
    }

    [Fact]
    public async Task Titles_are_found_by_when_their_encoding_ended()
    {
        var ended = new List<(AssetId, DateTimeOffset)>();
        for (var minute = 1; minute <= 3; minute++)
        {
            await AddAsync(Work());
            var task = (await ClaimAsync()).ShouldNotBeNull();
            ended.Add((task.Asset, Noon.AddMinutes(minute)));
            await Catalog.CompleteAsync(task, Noon.AddMinutes(minute), default);
        }

        var still = await AddAsync(Work());
        var other = CatalogContract.Sample(Noon);
        await Catalog.AddAsync(other, [new NewJob(JobKind.Extras, [Work()])], default);
        while (await ClaimAsync(Noon.AddMinutes(1)) is { } task)
        {
            if (task.JobId != still.Id)
            {
                await Catalog.CompleteAsync(task, Noon.AddMinutes(2), default);
            }
        }

        (await Catalog.EncodedAsync(Noon, Noon.AddMinutes(3), 10, default)).ShouldBe(ended);
        (await Catalog.EncodedAsync(Noon.AddMinutes(1), Noon.AddMinutes(2), 10, default)).ShouldBe(ended[1..2], "after the one, and up to the other");
        (await Catalog.EncodedAsync(Noon, Noon.AddMinutes(3), 2, default)).ShouldBe(ended[..2], "those that ended first");
    }

    [Fact]
    public async Task Another_catalog_over_the_same_data_sees_everything()
    {
        var job = await AddAsync(Work(), Work());
        var task = (await ClaimAsync()).ShouldNotBeNull();
        await Catalog.PublishChunkAsync(task, Chunk(task, 1), default);
        await Catalog.CompleteAsync(task, Noon, default);

        var later = Open();
        using var owned = later as IDisposable;
        await later.MigrateAsync(default);

        (await later.FindJobAsync(job.Id, default)).ShouldBe(await JobAsync(job.Id));
        (await later.ListChunksAsync(job.Asset, default)).ShouldHaveSingleItem().Maker.ShouldBe(task.Fence);
        (await later.ClaimAsync("w", Urgency.Background, Noon, Lease, default)).ShouldNotBeNull().Fence.ShouldBeGreaterThan(task.Fence);
    }
}
