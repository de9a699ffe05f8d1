using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Xunit;

namespace Sluice.Server.Tests.Jobs;

/// <summary>What watchers are told, and what the catalog is told.</summary>
public sealed class ProgressBoardTests
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Every_report_is_told_but_only_the_last_one_waits()
    {
        await using var bench = new JobBench();
        var job = await RunningAsync(bench);
        using var listener = bench.Feed.Listen(null)!;

        foreach (var progress in (double[])[0.1, 0.2, 0.3])
        {
            await bench.Board.ReportAsync(job.Id, progress, 4.5, 10, default);
        }

        var change = (await listener.TakeAsync(AtOnce, default)).ShouldHaveSingleItem().ShouldBeOfType<JobChanged>();
        change.Job.ShouldBe(new JobStatus(job.Id, job.Asset, JobKind.Encode, JobState.Running, 0.3, 4.5, 10, null));
    }

    [Fact]
    public async Task The_catalog_is_told_every_two_seconds_and_at_the_end()
    {
        await using var bench = new JobBench();
        var job = await RunningAsync(bench);

        await bench.Board.ReportAsync(job.Id, 0.1, 1, 1, default);
        await bench.Board.ReportAsync(job.Id, 0.2, 1, 1, default);
        (await bench.JobAsync(job)).Progress.ShouldBe(0.1);
        bench.Board.Describe(await bench.JobAsync(job)).Progress.ShouldBe(0.2);

        bench.Clock.Advance(TimeSpan.FromSeconds(2));
        await bench.Board.ReportAsync(job.Id, 0.3, 1, 1, default);
        (await bench.JobAsync(job)).Progress.ShouldBe(0.3);

        await bench.Board.ReportAsync(job.Id, 0.4, 1, 1, default);
        await bench.Board.RefreshAsync(job.Id, default);
        (await bench.JobAsync(job)).Progress.ShouldBe(0.4);
    }

    [Fact]
    public async Task A_job_that_does_not_run_has_no_speed_and_takes_no_reports()
    {
        await using var bench = new JobBench();
        var job = await RunningAsync(bench);
        await bench.Board.ReportAsync(job.Id, 0.1, 4, 9, default);

        await bench.Control.ChangeAsync(job.Id, JobChange.Pause, default);
        await bench.Board.ReportAsync(job.Id, 0.9, 4, 9, default);

        var paused = bench.Board.Describe(await bench.JobAsync(job));
        (paused.State, paused.Progress, paused.Speed, paused.EtaSeconds).ShouldBe((JobState.Paused, 0.1, null, null));
    }

    [Fact]
    public async Task A_listener_hears_only_its_title()
    {
        await using var bench = new JobBench();
        var (mine, other) = (await RunningAsync(bench), await RunningAsync(bench));
        using var listener = bench.Feed.Listen(mine.Asset)!;

        await bench.Board.ReportAsync(other.Id, 0.5, null, null, default);
        await bench.Assets.UpdateAsync(other.Asset, old => old with { Revision = 1 }, default);
        await bench.Assets.UpdateAsync(mine.Asset, old => old with { Revision = 5 }, default);
        await bench.Board.ReportAsync(mine.Id, 0.5, null, null, default);

        var heard = await listener.TakeAsync(AtOnce, default);
        heard.Count.ShouldBe(2);
        heard[0].ShouldBe(new MediaChanged(mine.Asset, AssetState.Ready, 5));
        heard[1].ShouldBeOfType<JobChanged>().Job.Id.ShouldBe(mine.Id);
    }

    [Fact]
    public async Task A_listener_that_takes_nothing_holds_a_bounded_number_of_keys_the_newest()
    {
        await using var bench = new JobBench();
        using var listener = bench.Feed.Listen(null)!;
        var assets = Enumerable.Range(0, 1000).Select(_ => AssetId.New()).ToArray();

        foreach (var asset in assets)
        {
            bench.Feed.Publish(new MediaChanged(asset, AssetState.Ready, 1));
        }

        var heard = await listener.TakeAsync(AtOnce, default);
        heard.Select(change => change.Asset).ShouldBe(assets.TakeLast(256));
    }

    [Fact]
    public async Task Listeners_are_bounded_and_make_room_when_they_go()
    {
        await using var bench = new JobBench();
        var all = Enumerable.Range(0, ChangeFeed.MostListeners).Select(_ => bench.Feed.Listen(null)!).ToArray();
        bench.Feed.Listen(null).ShouldBeNull();

        all[3].Dispose();

        using var late = bench.Feed.Listen(null);
        late.ShouldNotBeNull();
        bench.Feed.Count.ShouldBe(ChangeFeed.MostListeners);
    }

    [Fact]
    public async Task Hearing_nothing_ends_after_its_time()
    {
        await using var bench = new JobBench();
        using var listener = bench.Feed.Listen(null)!;
        var take = listener.TakeAsync(TimeSpan.FromSeconds(15), default);
        bench.Clock.Advance(TimeSpan.FromSeconds(15));
        (await take).ShouldBeEmpty();
    }

    private static async Task<Job> RunningAsync(JobBench bench)
    {
        var job = await bench.AddAsync(Urgency.Background);
        await bench.Catalog.ClaimAsync("test", Urgency.Background, bench.Clock.GetUtcNow(), TaskRunner.Lease, default);
        await bench.Board.RefreshAsync(job.Id, default);
        return job;
    }
}
