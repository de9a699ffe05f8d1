using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>
/// Every list while it is loaded, when the server refuses it, when it is empty, and when no newer one comes: each is drawn, and goes over into the next
/// by itself or by a button. The pictures are kept in <c>artifacts/test/lists</c>, to be looked at.
/// </summary>
public sealed class ListStateTests(BrowserSuite suite) : BrowserTest(suite)
{
    /// <summary>Longer than any list waits before it asks again.</summary>
    private const int AskedAgainMs = 601_000;

    private const string Reason = "The catalog cannot be asked now.";

    private const string NextStep = "Look at the log of the server.";

    /// <summary>A page, what its list is of, where that is asked for, and what is there without anything in it.</summary>
    [Theory]
    [InlineData("/channels", "channels", "/api/v1/channels", "channel-form")]
    [InlineData("/sessions", "sessions", "/api/v1/sessions", "sessions-empty")]
    [InlineData("/admin#jobs", "jobs", "/api/v1/jobs", "no-jobs")]
    [InlineData("/admin#audit", "audit", "/api/v1/admin/audit", "no-audit")]
    [InlineData("/admin#checks", "checks", "/api/v1/admin/checks", "check-summary")]
    [InlineData("/admin#settings", "settings", "/api/v1/admin/settings", "settings")]
    public async Task A_list_is_loaded_refused_asked_for_again_and_grows_old(string page, string things, string api, string empty)
    {
        Guard.Expect("status of 503");
        await Page.Clock.InstallAsync();
        await new PageLook(Page).OnAsync(1280, ColorScheme.Light);
        var server = await StartServerAsync();
        var asked = new Regex(Regex.Escape(api) + @"(?:\?.*)?$", RegexOptions.None, TimeSpan.FromSeconds(1));
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Page.RouteAsync(asked, async route =>
        {
            await held.Task;
            await RefuseAsync(route);
        });

        await OpenAsync(page, server);
        await Assertions.Expect(At($"{things}-loading")).ToBeVisibleAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Status).Filter(new() { HasText = $"Loading the {things}" })).ToHaveCountAsync(1);
        await LookAsync($"{things}-loading");

        held.SetResult();
        var failed = At($"{things}-failed");
        await Assertions.Expect(failed).ToContainTextAsync(Reason);
        await Assertions.Expect(failed).ToContainTextAsync(NextStep);
        await Assertions.Expect(At($"{things}-loading")).ToHaveCountAsync(0);
        await LookAsync($"{things}-failed");

        await Page.UnrouteAllAsync();
        await failed.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Assertions.Expect(At(empty).First).ToBeVisibleAsync();
        await Assertions.Expect(failed).ToHaveCountAsync(0);
        await Assertions.Expect(At($"{things}-stale")).ToBeEmptyAsync();
        await LookAsync($"{things}-empty");

        await Page.RouteAsync(asked, RefuseAsync);
        await Page.Clock.FastForwardAsync(AskedAgainMs);
        await Assertions.Expect(At($"{things}-stale")).ToHaveTextAsync($"{Reason} This list may be old.");
        await Assertions.Expect(At(empty).First).ToBeVisibleAsync();
        await LookAsync($"{things}-stale");

        await Page.UnrouteAllAsync();
        await Page.Clock.FastForwardAsync(AskedAgainMs);
        await Assertions.Expect(At($"{things}-stale")).ToBeEmptyAsync();
    }

    [Fact]
    public async Task The_library_is_loaded_refused_and_asked_for_again_also_its_further_pages()
    {
        Guard.Expect("status of 503");
        await new PageLook(Page).OnAsync(1280, ColorScheme.Light);
        var server = await StartServerAsync();
        await ManyTitles.AddAsync(server, 90);
        var asked = new Regex(@"/api/v1/media(?:\?.*)?$", RegexOptions.None, TimeSpan.FromSeconds(1));
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Page.RouteAsync(asked, async route =>
        {
            await held.Task;
            await RefuseAsync(route);
        });

        await OpenAsync("/", server);
        await Assertions.Expect(At("library-loading")).ToBeVisibleAsync();
        await LookAsync("library-loading");
        held.SetResult();
        await Assertions.Expect(At("library-failed")).ToContainTextAsync(Reason);
        await Assertions.Expect(At("library-failed")).ToContainTextAsync(NextStep);
        await LookAsync("library-failed");

        await Page.UnrouteAllAsync();
        await At("library-failed").GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Assertions.Expect(At("found")).ToHaveTextAsync("90 titles");
        await Assertions.Expect(At("library-failed")).ToHaveCountAsync(0);

        await Page.RouteAsync(asked, RefuseAsync);
        await Page.EvaluateAsync("() => scrollTo(0, document.documentElement.scrollHeight)");
        await Assertions.Expect(At("more-failed")).ToContainTextAsync(Reason);
        await At("more-failed").ScrollIntoViewIfNeededAsync();
        await LookAsync("library-more-failed");
        await Page.UnrouteAllAsync();
        await At("more-failed").GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Assertions.Expect(At("more-failed")).ToHaveCountAsync(0);
        await Page.EvaluateAsync("() => scrollTo(0, document.documentElement.scrollHeight)");
        await Assertions.Expect(At("watch-link").Filter(new() { HasText = "Title 0" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Older_entries_that_are_refused_are_told_of_beside_the_button_that_asked()
    {
        Guard.Expect("status of 503");
        var held = new HeldWork();
        await using var work = new WorkServer(await StartServerAsync(configure: WorkServer.With(held)), held);
        var media = await Suite.PublishAsync(work.Server, MediaFiles.Tone);
        await work.BeginAsync(media);
        await work.AddAsync(media, 60);
        await OpenAsync("/admin#jobs", work.Server);
        await Assertions.Expect(At("job-item")).ToHaveCountAsync(50);
        await Page.RouteAsync("**/api/v1/jobs?*after=*", RefuseAsync);
        await At("more-jobs").ClickAsync();
        await Assertions.Expect(At("more-failed")).ToHaveTextAsync(Reason);
        await Assertions.Expect(At("more-failed")).ToBeInViewportAsync();
        await Page.UnrouteAllAsync();
        await At("more-jobs").ClickAsync();
        await Assertions.Expect(At("job-item")).ToHaveCountAsync(61);
        await Assertions.Expect(At("more-failed")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_server_that_does_not_say_who_may_see_the_admin_page_is_asked_again()
    {
        Guard.Expect("status of 503");
        await new PageLook(Page).OnAsync(1280, ColorScheme.Light);
        var server = await StartServerAsync();
        await Page.RouteAsync("**/api/v1/**", RefuseAsync);
        await OpenAsync("/admin", server);
        var failed = Page.GetByText(Reason).First;
        await Assertions.Expect(failed).ToBeVisibleAsync();
        await LookAsync("admin-failed");
        await Page.UnrouteAllAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Assertions.Expect(At("overview")).ToBeVisibleAsync();
    }

    private static Task RefuseAsync(IRoute route) => route.FulfillAsync(new()
    {
        Status = 503,
        ContentType = "application/problem+json",
        Body = $$"""{"title":"{{Reason}}","status":503,"code":"unavailable","hint":"{{NextStep}}"}""",
    });

    private async Task LookAsync(string name)
    {
        await new PageLook(Page).ShouldBeFitAsync("lists/" + name, 1280, ColorScheme.Light);
        (await Page.Locator("main, .page").First.BoundingBoxAsync())!.Height.ShouldBeGreaterThan(40);
    }
}
