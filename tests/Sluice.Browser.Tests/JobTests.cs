using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Both pages tell what the server works on, while it does.</summary>
public sealed class JobTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task The_library_shows_how_far_an_encode_is_and_can_pause_stop_and_retry_it()
    {
        await using var work = await StartWorkAsync();
        var media = await Suite.PublishAsync(work.Server, MediaFiles.Tone);
        await OpenAsync("/", work.Server);
        await Assertions.Expect(At("library-item")).ToBeVisibleAsync();
        await Assertions.Expect(At("job")).ToHaveCountAsync(0);

        var job = await work.BeginAsync(media);
        await work.ReportAsync(job, 0.43, 2.4, 170);
        await ShouldSayAsync("job-line", "Encoding 43 % · 2.4× · 2 min left");
        await Assertions.Expect(At("job-progress")).ToHaveAttributeAsync("value", "43");
        await work.ReportAsync(job, 0.6, 2.4, 50);
        await ShouldSayAsync("job-line", "Encoding 60 % · 2.4× · 50 s left");
        await Assertions.Expect(At("job-progress")).ToHaveAttributeAsync("value", "60");

        await At("job-pause").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await work.UntilAsync(job, JobState.Paused);
        await ShouldSayAsync("job-line", "Encoding · paused at 60 %");
        await Assertions.Expect(At("job-resume")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Enter");
        await work.UntilAsync(job, JobState.Running);
        await Assertions.Expect(At("job")).ToHaveAttributeAsync("data-state", "running");

        await At("job-cancel").ClickAsync();
        await Assertions.Expect(At("confirm")).ToContainTextAsync("Stop encoding?");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("job")).ToHaveAttributeAsync("data-state", "running");
        await At("job-cancel").ClickAsync();
        await At("confirm-yes").ClickAsync();
        await work.UntilAsync(job, JobState.Cancelled);
        await ShouldSayAsync("job-line", "Encoding · stopped at 60 %");

        await At("job-retry").ClickAsync();
        await work.UntilAsync(job, JobState.Running);
        await work.EndAsync(job, TaskResult.Done);
        await Assertions.Expect(At("job")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_job_that_failed_says_why_also_to_whoever_comes_later()
    {
        await using var work = await StartWorkAsync();
        var job = await work.BeginAsync(await Suite.PublishAsync(work.Server, MediaFiles.Tone));
        await work.EndAsync(job, TaskResult.Failed("The file ends in the middle.", mayRetry: false));
        await work.UntilAsync(job, JobState.Failed);

        await OpenAsync("/", work.Server);
        await ShouldSayAsync("job-line", "Encoding failed");
        await Assertions.Expect(At("job-reason")).ToContainTextAsync("The file ends in the middle.");
        await Assertions.Expect(At("job-retry")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_title_that_is_prepared_becomes_ready_in_the_list()
    {
        await using var work = await StartWorkAsync();
        var media = await Suite.PublishAsync(work.Server, MediaFiles.Tone);
        await work.SetAsync(media, AssetState.Processing);
        await OpenAsync("/", work.Server);
        await Assertions.Expect(At("library-item")).ToHaveAttributeAsync("data-state", "processing");
        await ShouldSayAsync("reason", "Preparing…");

        var job = await work.BeginAsync(media, JobKind.Remux);
        await work.ReportAsync(job, 0.43);
        await ShouldSayAsync("job-line", "Preparing… 43 %");
        await Assertions.Expect(At("reason")).ToHaveCountAsync(0);

        await work.SetAsync(media, AssetState.Ready);
        await Assertions.Expect(At("library-item")).ToHaveAttributeAsync("data-state", "ready");
        await Assertions.Expect(At("copy-link")).ToBeVisibleAsync();

        await work.SetAsync(media, AssetState.Failed, "The file ends in the middle.");
        await Assertions.Expect(At("library-item")).ToHaveAttributeAsync("data-state", "failed");
        await ShouldSayAsync("reason", "Failed The file ends in the middle.");
    }

    [Fact]
    public async Task The_watch_page_waits_for_its_title_and_starts_by_itself()
    {
        await using var work = await StartWorkAsync();
        var media = await Suite.PublishAsync(work.Server, MediaFiles.Film);
        await work.SetAsync(media, AssetState.Processing);
        var job = await work.BeginAsync(media, JobKind.Remux);
        await OpenAsync($"/watch/{media.GetProperty("id")}", work.Server);
        await work.ReportAsync(job, 0.43);
        await ShouldSayAsync("preparing-line", "Preparing the video… 43 %");
        await Assertions.Expect(At("preparing-progress")).ToHaveAttributeAsync("value", "43");
        await Assertions.Expect(At("player-hls")).ToHaveCountAsync(0);

        await work.SetAsync(media, AssetState.Ready);
        await work.EndAsync(job, TaskResult.Done);
        await new Player(Page, "hls").PlaysOnAsync();
        await Assertions.Expect(At("preparing")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_watch_page_of_a_link_tells_of_an_encode_until_it_is_done_and_then_listens_no_more()
    {
        await using var work = await StartWorkAsync(guarded: true);
        var media = await Suite.PublishAsync(work.Server, MediaFiles.Film, bearer: work.Server.NewOperatorKey);
        var job = await work.BeginAsync(media);
        await OpenAsync(media.GetProperty("playback").GetProperty("watch").GetString()!, work.Server);
        await work.ReportAsync(job, 0.43, 2.4, 170);
        await ShouldSayAsync("work", "Encoding 43 % · 2.4× · 2 min left");

        var player = new Player(Page, "hls");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await work.SetAsync(media, AssetState.Ready); // A new revision: another quality.
        await work.EndAsync(job, TaskResult.Done);
        await Assertions.Expect(At("work")).ToHaveCountAsync(0);
        await player.PlaysOnAsync();
        (await Eventually.Holds(() => work.Listeners == 0)).ShouldBeTrue("a stream that tells of nothing takes a place");
    }

    [Fact]
    public async Task With_a_key_the_library_listens_as_without_one()
    {
        Guard.Expect("status of 401");
        await using var work = await StartWorkAsync(guarded: true);
        var media = await Suite.PublishAsync(work.Server, MediaFiles.Tone, bearer: work.Server.NewOperatorKey);
        var job = await work.BeginAsync(media);
        await OpenAsync("/", work.Server);
        await Page.GetByLabel("Operator key").FillAsync(work.Server.NewOperatorKey!);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).ClickAsync();
        await Assertions.Expect(At("job")).ToHaveAttributeAsync("data-state", "running");

        Guard.Requests.ShouldContain("/api/v1/jobs/events");
        await work.ReportAsync(job, 0.43);
        await ShouldSayAsync("job-line", "Encoding 43 %");
        await At("job-pause").ClickAsync();
        await work.UntilAsync(job, JobState.Paused);
    }

    [Fact]
    public async Task A_phone_shows_all_of_a_job_and_the_keyboard_comes_by_its_buttons()
    {
        await using var work = await StartWorkAsync();
        var media = await Suite.PublishAsync(work.Server, MediaFiles.Film);
        await work.ReportAsync(await work.BeginAsync(media), 0.43, 2.4, 170);
        await Page.SetViewportSizeAsync(360, 780);
        await OpenAsync("/", work.Server);
        await Assertions.Expect(At("job-pause")).ToBeVisibleAsync();
        (await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(360);

        await At("watch-link").FocusAsync();
        foreach (var button in (string[])["job-pause", "job-cancel", "toggle-tracks"])
        {
            await Page.Keyboard.PressAsync("Tab");
            await Assertions.Expect(At(button)).ToBeFocusedAsync();
        }

        await work.SetAsync(media, AssetState.Processing);
        await OpenAsync($"/watch/{media.GetProperty("id")}", work.Server);
        await Assertions.Expect(At("preparing")).ToBeVisibleAsync();
        (await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(360);
    }

    private async Task<WorkServer> StartWorkAsync(bool guarded = false)
    {
        var work = new HeldWork();
        return new WorkServer(await StartServerAsync(guarded, WorkServer.With(work)), work);
    }

    private Task ShouldSayAsync(string testId, string words) => Assertions.Expect(At(testId)).ToHaveTextAsync(words);
}
