using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>What a viewer bears is told to this server and drawn in the library: what took long, what stood still, what changed, what broke.</summary>
public sealed partial class ExperienceTests(BrowserSuite suite) : BrowserTest(suite)
{
    /// <summary>Milliseconds that a part is kept from the player when it already stands.</summary>
    private const int HeldMs = 1500;

    /// <summary>Parts that come before any is held: a few seconds of the film.</summary>
    private const int First = 2;

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_stall_a_switch_and_an_error_are_told_and_drawn(string kind)
    {
        Guard.Expect("status of 50"); // 503: a busy machine takes longer to encode than a request waits.
        var server = await StartEncodingServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.Avi);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isBroken = false;
        await Page.RouteAsync(PicturePart(), async route =>
        {
            if (isBroken)
            {
                await RefuseAsync(route);
                return;
            }

            if (NumberOf(route) > First)
            {
                await held.Task;
            }

            await route.ContinueAsync();
        });

        await OpenAsync($"/watch/{media.Text("id")}", server);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.PlayAsync();
        await StandsAsync(player);
        await Task.Delay(HeldMs, TestContext.Current.CancellationToken);
        held.SetResult();
        await player.PlaysOnAsync();

        // Slowly: its end is far away then, however busy the machine.
        await Page.EvaluateAsync("kind => { document.querySelector(`[data-testid=player-${kind}]`).playbackRate = 0.25; }", kind);
        await At("player-gear").ClickAsync();
        foreach (var height in (string[])["360p", "180p"])
        {
            await At("quality-select").SelectOptionAsync(new SelectOptionValue { Label = height });
            await player.UntilAsync($"video.videoHeight === {height[..^1]}");
            await Assertions.Expect(At($"quality-{kind}")).ToContainTextAsync("×" + height[..^1]);
        }

        // What is loaded is thrown away for the other quality, which cannot be had.
        isBroken = true;
        await At("quality-select").SelectOptionAsync(new SelectOptionValue { Label = "360p" });
        await Assertions.Expect(At("playback-error")).ToHaveAttributeAsync("data-code", "segment-failed");
        await LeaveAsync();

        var told = (await ToldAsync(server, media, 1)).GetProperty("items")[0];
        told.Text("kind").ShouldBe(kind);
        told.GetProperty("startupMs").GetInt32().ShouldBeGreaterThan(0);
        told.GetProperty("stalls").GetInt32().ShouldBeGreaterThan(0);
        told.GetProperty("stalledMs").GetInt32().ShouldBeGreaterThanOrEqualTo(HeldMs - 100);
        told.GetProperty("switches").GetInt32().ShouldBeGreaterThan(0);
        told.GetProperty("watchedSeconds").GetInt32().ShouldBeGreaterThan(2);
        told.Text("error").ShouldBe("segment-failed");

        await At("toggle-tracks").ClickAsync();
        var experience = At("experience");
        await Assertions.Expect(experience).ToContainTextAsync($"Began in {told.GetProperty("startupMs")} ms");
        await Assertions.Expect(experience).ToContainTextAsync(
            string.Create(CultureInfo.InvariantCulture, $"Stalls {told.GetProperty("stalls")} ({told.GetProperty("stalledMs").GetInt32() / 1000.0:F1} s)"));
        await Assertions.Expect(experience).ToContainTextAsync($"Switches {told.GetProperty("switches")}");
        await Assertions.Expect(experience).ToContainTextAsync("Failed 1 (segment-failed)");
        foreach (var chart in (string[])["experience-chart", "experience-stalls", "experience-switches"])
        {
            var bar = At(chart).Locator("rect");
            await Assertions.Expect(bar).ToHaveCountAsync(1);
            double.Parse((await bar.GetAttributeAsync("height"))!, CultureInfo.InvariantCulture).ShouldBeGreaterThan(0, chart);
            await Assertions.Expect(bar).ToHaveClassAsync(new Regex("failed", RegexOptions.None, TimeSpan.FromSeconds(1)));
        }

        var look = new PageLook(Page);
        foreach (var (width, scheme) in ((int, ColorScheme)[])[(1280, ColorScheme.Light), (390, ColorScheme.Dark)])
        {
            await look.OnAsync(width, scheme);
            await look.ShouldBeFitAsync($"pages/experience-{kind}", width, scheme);
        }
    }

    [Fact]
    public async Task A_failure_is_told_also_when_it_is_tried_again_and_plays_then()
    {
        Guard.Expect("status of 500");
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.Film);
        await Page.RouteAsync(PicturePart(), RefuseAsync);
        await OpenAsync($"/watch/{media.Text("id")}", server);
        await Assertions.Expect(At("playback-error")).ToHaveAttributeAsync("data-code", "segment-failed");
        await Page.UnrouteAllAsync();
        await At("playback-retry").ClickAsync();
        await Assertions.Expect(At("playback-error")).ToBeHiddenAsync(); // Its element is another one from here on.
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await LeaveAsync();

        var items = (await ToldAsync(server, media, 2)).GetProperty("items").EnumerateArray().ToArray();
        items.Select(item => item.GetProperty("error").GetString()).ShouldBe([null, "segment-failed"]);
        items[1].GetProperty("startupMs").ValueKind.ShouldBe(JsonValueKind.Null);
        Guard.Requests.ShouldContain(path => path.EndsWith("/playbacks", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_leaves_while_it_stands_still_tells_for_how_long()
    {
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.Film);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Page.RouteAsync(PicturePart(), async route =>
        {
            if (NumberOf(route) > First)
            {
                await held.Task;
            }

            await route.ContinueAsync();
        });
        await OpenAsync($"/watch/{media.Text("id")}", server);
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.PlayAsync();
        await StandsAsync(player);
        await Task.Delay(HeldMs, TestContext.Current.CancellationToken);
        await LeaveAsync();

        var told = (await ToldAsync(server, media, 1)).GetProperty("items")[0];
        told.GetProperty("stalls").GetInt32().ShouldBeGreaterThan(0);
        told.GetProperty("stalledMs").GetInt32().ShouldBeGreaterThanOrEqualTo(HeldMs - 100);
        held.SetResult();
    }

    [Fact]
    public async Task Where_reports_are_switched_off_nothing_is_sent()
    {
        var server = await StartServerAsync(options: options => options.Quality.Reports = false);
        var media = await Suite.PublishAsync(server, MediaFiles.Film);
        await OpenAsync($"/watch/{media.Text("id")}", server);
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await LeaveAsync();
        await Page.ReloadAsync(); // Whatever the page had left to send is sent by now.
        await Assertions.Expect(At("library-item")).ToBeVisibleAsync();

        Guard.Requests.ShouldNotContain(path => path.EndsWith("/playbacks", StringComparison.Ordinal));
        await At("toggle-tracks").ClickAsync();
        await Assertions.Expect(At("experience")).ToContainTextAsync("players are not asked (quality.reports)");
        (await ToldAsync(server, media, 0)).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    /// <summary>A part of the picture, of any quality.</summary>
    [GeneratedRegex(@"/v\d+/(?<part>\d+)\.m4s", RegexOptions.None, 1000)]
    private static partial Regex PicturePart();

    private static int NumberOf(IRoute route) => int.Parse(PicturePart().Match(route.Request.Url).Groups["part"].Value, CultureInfo.InvariantCulture);

    private static Task RefuseAsync(IRoute route) => route.FulfillAsync(new()
    {
        Status = 500,
        ContentType = "application/problem+json",
        Body = """{"title":"The segment cannot be made.","status":500,"code":"segment-failed"}""",
    });

    /// <summary>It wants to play and has nothing left.</summary>
    private static Task StandsAsync(Player player) => player.UntilAsync("video.currentTime > 0.5 && !video.paused && video.readyState < 3");

    /// <summary>To the library, as a person does.</summary>
    private async Task LeaveAsync()
    {
        await Page.GetByRole(AriaRole.Link, new() { Name = "Sluice" }).ClickAsync();
        await Assertions.Expect(At("library-item")).ToBeVisibleAsync();
    }

    /// <summary>What the server knows of so many playbacks.</summary>
    private static async Task<JsonElement> ToldAsync(SluiceServer server, JsonElement media, int count)
    {
        var summary = default(JsonElement);
        (await Eventually.Holds(async () =>
        {
            summary = JsonElement.Parse(await server.Http.GetStringAsync($"/api/v1/media/{media.Text("id")}/playbacks"));
            return summary.GetProperty("items").GetArrayLength() == count;
        })).ShouldBeTrue($"not {count} playbacks: {summary}");
        return summary;
    }
}
