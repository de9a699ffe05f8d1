using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>What goes on, as the operator sees it while it does: jobs, viewers, and somebody else's page that tries to be the operator.</summary>
public sealed class AdminLiveTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task A_job_is_followed_stopped_and_tells_what_its_tool_said()
    {
        var held = new HeldWork();
        await using var work = new WorkServer(await StartServerAsync(configure: WorkServer.With(held)), held);
        var media = await Suite.PublishAsync(work.Server, MediaFiles.Tone);
        var job = await work.BeginAsync(media);
        await OpenAsync("/admin#jobs", work.Server);
        var item = At("job-item").Filter(new() { Has = Page.Locator("[data-kind=encode]") });
        await Assertions.Expect(item).ToHaveCountAsync(1);
        foreach (var percent in (int[])[42, 61])
        {
            await work.ReportAsync(job, percent / 100.0, 2.4, 50);
            await Assertions.Expect(item.GetByTestId("job-line")).ToHaveTextAsync($"Encoding {percent} % · 2.4× · 50 s left");
            await Assertions.Expect(item.GetByTestId("job-progress")).ToHaveAttributeAsync("value", percent.ToString(CultureInfo.InvariantCulture));
        }

        await item.GetByTestId("job-cancel").ClickAsync();
        await Assertions.Expect(At("confirm")).ToContainTextAsync("Stop encoding?");
        await At("confirm-yes").ClickAsync();
        await work.UntilAsync(job, JobState.Cancelled);
        await Assertions.Expect(item.GetByTestId("job-line")).ToHaveTextAsync("Encoding · stopped at 61 %");

        await item.GetByTestId("job-retry").ClickAsync();
        await work.UntilAsync(job, JobState.Running);
        await work.EndAsync(job, TaskResult.Failed("The file ends in the middle.", "moov atom <b>not</b> found\nConversion failed!", mayRetry: false));
        await work.UntilAsync(job, JobState.Failed);
        await Page.ReloadAsync();
        await Assertions.Expect(item.GetByTestId("job-reason")).ToHaveTextAsync("The file ends in the middle.");
        await Assertions.Expect(item.Locator("pre")).ToBeHiddenAsync();
        await item.GetByTestId("job-log").ClickAsync();
        await Assertions.Expect(item.Locator("pre")).ToBeVisibleAsync();
        await Assertions.Expect(item.Locator("pre")).ToHaveTextAsync("moov atom <b>not</b> found\nConversion failed!");
    }

    [Fact]
    public async Task Who_watches_and_what_is_sent_is_counted()
    {
        var server = await StartServerAsync();
        var watch = (await Suite.PublishAsync(server, MediaFiles.Film)).GetProperty("playback").Text("watch");
        var before = await LastSampleAsync(server);
        await OpenAsync("/admin", server);
        await Assertions.Expect(At("viewers-now")).ToHaveTextAsync("0");

        var viewer = await Context.NewPageAsync();
        await viewer.GotoAsync(watch);
        var player = new Player(viewer, "hls");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await TakeAsync(server, before);

        var last = await LastSampleAsync(server);
        last.GetProperty("titleViewers").GetInt32().ShouldBe(1);
        last.GetProperty("bitsPerSecond").GetInt64().ShouldBeGreaterThan(100_000, "the film was sent in these ten seconds");
        await Page.ReloadAsync();
        await Assertions.Expect(At("viewers-now")).ToHaveTextAsync("1");
        await Assertions.Expect(At("viewers-chart")).ToContainTextAsync("Titles 1");
        var sent = await At("throughput-chart").Locator("b").TextContentAsync();
        sent!.ShouldMatch(@"^[\d.]+ [kM]b/s$");
        await Assertions.Expect(At("throughput-chart").Locator("canvas")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_form_of_another_site_does_nothing_in_the_name_of_the_operator()
    {
        Guard.Expect("status of 40");
        var server = await StartServerAsync(guarded: true);
        var media = await Suite.PublishAsync(server, MediaFiles.Tone, bearer: server.NewOperatorKey);
        await OpenAsync("/admin", server);
        await At("key").FillAsync(server.NewOperatorKey!);
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("overview")).ToBeVisibleAsync();
        var cookie = (await Context.CookiesAsync()).ShouldHaveSingleItem();
        (cookie.HttpOnly, cookie.SameSite).ShouldBe((true, SameSiteAttribute.Strict));

        // On another port: the same site to a browser, so that it sends the cookie along. And under another name: another site.
        var upload = new Uri(server.Http.BaseAddress!, "/api/v1/media").AbsoluteUri;
        var prepare = $"{upload}/{media.Text("id")}/prepare";
        await using var site = await StartSiteAsync(upload, prepare);
        var port = new Uri(site.Urls.First()).Port;
        foreach (var (host, target) in ((string, string)[])[("127.0.0.1", upload), ("127.0.0.1", prepare), ("localhost", upload), ("localhost", prepare)])
        {
            var address = new Uri($"http://{host}:{port}/");
            Guard.Trust(address);
            await Page.GotoAsync(address.AbsoluteUri);
            var answered = Page.WaitForResponseAsync(target);
            await Page.Locator($"[formaction='{target}']").ClickAsync();
            var answer = await answered;
            ((HttpStatusCode)answer.Status).ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden);
            (await answer.Request.AllHeadersAsync()).ContainsKey("cookie").ShouldBe(host == "127.0.0.1", $"from {host}");
        }

        (await server.Assets.ListAsync(null, 10, TestContext.Current.CancellationToken)).ShouldHaveSingleItem().Title.ShouldNotBe("a prize");

        // The same from our own page is done.
        await OpenAsync("/admin", server);
        (await Page.EvaluateAsync<int>("async target => (await fetch(target, { method: 'POST' })).status", prepare)).ShouldBeInRange(200, 299);
    }

    /// <summary>A page with a button for each address, which sends a form there.</summary>
    private static async Task<WebApplication> StartSiteAsync(params string[] targets)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var buttons = string.Concat(targets.Select(target => $"<button formaction=\"{target}\">Win a prize</button>"));
        app.MapGet("/", () => Results.Content(
            "<!doctype html><link rel=\"icon\" href=\"data:,\"><form method=\"post\" enctype=\"multipart/form-data\">"
            + $"<input name=\"title\" value=\"a prize\">{buttons}</form>", "text/html"));
        await app.StartAsync();
        return app;
    }

    private static async Task<JsonElement> LastSampleAsync(SluiceServer server)
    {
        var samples = JsonElement.Parse(await server.Http.GetStringAsync("/api/v1/admin")).GetProperty("samples");
        return samples[samples.GetArrayLength() - 1];
    }

    /// <summary>Lets the server's clock go on until it has looked at itself once more.</summary>
    private static async Task TakeAsync(SluiceServer server, JsonElement before)
    {
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        (await Eventually.Holds(async () => (await LastSampleAsync(server)).Text("at") != before.Text("at"))).ShouldBeTrue("no further sample");
    }
}
