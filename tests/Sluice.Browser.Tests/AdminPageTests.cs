using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The server as its operator sees it.</summary>
public sealed class AdminPageTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task Each_part_says_what_is_so()
    {
        var server = await StartServerAsync(options: options => options.Access.TokenMinutes = 77);
        var media = await Suite.PublishAsync(server, MediaFiles.Film);
        await OpenAsync("/admin", server);
        await Assertions.Expect(At("overview")).ToContainTextAsync("Titles");
        await Assertions.Expect(At("room-left")).ToContainTextAsync("B");
        await Assertions.Expect(At("viewers-chart").GetByRole(AriaRole.Img)).ToBeVisibleAsync();

        // Arrows lead from tab to tab.
        await At("tab-overview").FocusAsync();
        await Page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(At("tab-jobs")).ToBeFocusedAsync();
        await Assertions.Expect(Page.GetByTestId("no-jobs").Or(At("job-list"))).ToBeVisibleAsync();

        await At("tab-checks").ClickAsync();
        await Assertions.Expect(At("check").First).ToBeVisibleAsync();
        await Assertions.Expect(At("check-summary")).Not.ToBeEmptyAsync();

        await At("tab-settings").ClickAsync();
        await At("search-settings").FillAsync("tokenMinutes");
        await Assertions.Expect(At("setting")).ToContainTextAsync("77");
        await At("search-settings").FillAsync("");
        await At("changed-only").CheckAsync();
        await Assertions.Expect(At("settings").Locator("[data-key='access.tokenMinutes']")).ToBeVisibleAsync();
        await Assertions.Expect(At("settings").Locator("[data-key='access.allowNoReferer']")).ToHaveCountAsync(0);

        using var revoked = await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{media.GetProperty("id")}/tokens");
        await At("tab-audit").ClickAsync();
        await Assertions.Expect(At("audit-entry").First).ToContainTextAsync("Revoked all links: film");
    }

    [Fact]
    public async Task A_job_that_failed_shows_its_reason_and_is_tried_again()
    {
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.ProRes);
        using var asked = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{media.GetProperty("id")}/prepare");
        await OpenAsync("/admin#jobs", server);
        var job = At("job-item").First;
        await Assertions.Expect(job).ToContainTextAsync("master");
        await Assertions.Expect(job.GetByTestId("job-line")).ToHaveTextAsync("Looking at it again failed");
        await Assertions.Expect(job.GetByTestId("job-reason")).ToContainTextAsync("encoding is switched off");
        await job.GetByTestId("job-retry").ClickAsync();
        await Assertions.Expect(job.GetByTestId("job-line")).Not.ToHaveTextAsync("Nothing was changed.");
    }

    [Fact]
    public async Task A_long_queue_whose_work_is_not_on_its_first_page_does_not_stand_still()
    {
        var held = new HeldWork();
        await using var work = new WorkServer(await StartServerAsync(configure: WorkServer.With(held)), held);
        var media = await Suite.PublishAsync(work.Server, MediaFiles.Tone);
        await work.BeginAsync(media);
        await work.AddAsync(media, 60);
        work.Server.Clock.Advance(TimeSpan.FromSeconds(1));
        await work.AddAsync(media, 50);
        await Page.Clock.InstallAsync(new() { TimeDate = work.Server.Clock.GetUtcNow().UtcDateTime.AddMinutes(3) });

        await OpenAsync("/admin#jobs", work.Server);
        await Assertions.Expect(At("queue")).ToHaveTextAsync("Of the newest 50: 0 running, 50 waiting.");
        await Assertions.Expect(At("queue-stuck")).ToHaveCountAsync(0);
        await At("more-jobs").ClickAsync();
        await Assertions.Expect(At("queue")).ToContainTextAsync("Of the newest 100: ");
        await At("more-jobs").ClickAsync();
        await Assertions.Expect(At("job-item")).ToHaveCountAsync(111);
        await Assertions.Expect(At("queue")).Not.ToContainTextAsync("Of the newest");
        await Assertions.Expect(At("queue")).Not.ToContainTextAsync("0 running, ");
    }
}
