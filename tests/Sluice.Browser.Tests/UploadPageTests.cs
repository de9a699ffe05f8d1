using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The upload page: many files, paused, resumed, taken away, refused.</summary>
public sealed class UploadPageTests(BrowserSuite suite) : UploadPageTest(suite)
{
    private static readonly TimeSpan Instant = TimeSpan.FromSeconds(1);

    private SluiceServer _server = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _server = await StartServerAsync();
        await OpenAsync("/upload", _server);
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Drop videos here" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Many_files_go_two_at_a_time_and_each_becomes_a_title()
    {
        var scripts = Scripts();
        var film = await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Tone));
        await Page.EvaluateAsync(
            """
            () => {
              window.most = 0;
              new MutationObserver(() => {
                const busy = document.querySelectorAll('[data-state=sending], [data-state=checking]').length;
                window.most = Math.max(window.most, busy);
              }).observe(document.body, { subtree: true, childList: true, attributes: true });
            }
            """);
        await At("file-input").SetInputFilesAsync(Enumerable.Range(1, 6).Select(n => new FilePayload { Name = $"part {n}.m4a", MimeType = "audio/mp4", Buffer = film }));
        await Assertions.Expect(At("upload-summary")).ToHaveTextAsync("6 of 6 done");
        (await Page.EvaluateAsync<int>("() => window.most")).ShouldBe(2);
        Scripts().ShouldBeGreaterThan(scripts, "the client comes with the first file, not with the page");
        await Assertions.Expect(At("upload-news")).ToHaveTextAsync("part 6.m4a: uploaded.");
        await Assertions.Expect(At("admin-key")).ToHaveCountAsync(6);
        Unfinished(_server).ShouldBe(0);

        await At("upload-title").First.ClickAsync();
        await Page.WaitForURLAsync("**/watch/*");
        var player = new Player(Page, "hls");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await Page.GoBackAsync();
        await At("clear-done").ClickAsync();
        await Assertions.Expect(At("uploads")).ToHaveCountAsync(0);
        await Page.GetByRole(AriaRole.Link, new() { Name = "Library" }).ClickAsync();
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(6);
    }

    [Fact]
    public async Task A_paused_upload_goes_on_where_the_server_has_it()
    {
        await ThrottleAsync(SlowBytesPerSecond);
        await ChooseAsync(MediaFiles.Noise);
        await UntilPercentAsync(20);
        await Assertions.Expect(At("upload-status")).ToHaveTextAsync(new Regex(@"^\d+ % of [\d.]+ MB · [\d.]+ [KM]B/s · \d+ s left$", RegexOptions.None, Instant));
        await At("upload-pause").ClickAsync();
        await ShouldBeAsync("paused");
        var percent = await PercentAsync();
        var before = Traffic.Asked;
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Traffic.Asked.ShouldBe(before, "nothing is sent meanwhile");
        (await PercentAsync()).ShouldBe(percent);
        Unfinished(_server).ShouldBeGreaterThan(0);

        await Assertions.Expect(At("upload-resume")).ToBeFocusedAsync();
        await ThrottleAsync(0);
        await Page.Keyboard.PressAsync("Enter");
        await ShouldBeAsync("done");
        ShouldGoOnAfter(before);
    }

    [Fact]
    public async Task All_are_paused_and_resumed_at_once()
    {
        await ThrottleAsync(SlowBytesPerSecond);
        await ChooseAsync(MediaFiles.Noise, MediaFiles.Film, MediaFiles.Tone);
        await UntilPercentAsync(5);
        await Assertions.Expect(At("upload-item").Last).ToHaveAttributeAsync("data-state", "waiting");
        await At("pause-all").ClickAsync();
        foreach (var row in await At("upload-item").AllAsync())
        {
            await Assertions.Expect(row).ToHaveAttributeAsync("data-state", "paused");
        }

        await Assertions.Expect(At("pause-all")).ToHaveCountAsync(0);
        await ThrottleAsync(0);
        await At("resume-all").ClickAsync();
        await Assertions.Expect(At("upload-summary")).ToHaveTextAsync("3 of 3 done");
    }

    [Fact]
    public async Task One_that_is_removed_is_gone_from_the_server_too()
    {
        Guard.Expect("status of 423"); // The request that was broken off a moment ago still has its hand on it.
        await ThrottleAsync(SlowBytesPerSecond);
        await ChooseAsync(MediaFiles.Noise);
        await UntilPercentAsync(10);
        await At("upload-remove").ClickAsync();
        await Assertions.Expect(At("confirm")).ToContainTextAsync("Remove “noise.mp4”?");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "sending");

        await At("upload-remove").ClickAsync();
        await At("confirm-yes").ClickAsync();
        await Assertions.Expect(At("upload-item")).ToHaveCountAsync(0);
        (await Eventually.Holds(() => Unfinished(_server) == 0)).ShouldBeTrue("nothing half-kept");
        await Page.ReloadAsync();
        await Assertions.Expect(At("dropzone")).ToBeVisibleAsync();
        await Assertions.Expect(At("upload-item")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_refusal_is_told_with_what_to_do()
    {
        Guard.Expect("status of 415");
        await ChooseAsync(MediaFiles.Garbage);
        await ShouldBeAsync("failed");
        await Assertions.Expect(At("upload-status")).ToHaveTextAsync("The file is no video or audio that can be played.");
        (await At("upload-hint").InnerTextAsync()).Length.ShouldBeGreaterThan(10);
        await Assertions.Expect(At("upload-remove")).ToHaveTextAsync("Dismiss");
        await At("upload-remove").ClickAsync();
        await Assertions.Expect(At("upload-item")).ToHaveCountAsync(0);
        await Page.ReloadAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Drop videos here" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task One_that_failed_is_tried_again_and_becomes_a_title()
    {
        Guard.Expect("status of 413");
        await Page.RouteAsync("**/api/v1/uploads", route => route.FulfillAsync(new()
        {
            Status = 413,
            ContentType = "application/problem+json",
            Body = """{"type":"about:blank","title":"The file is larger than this server takes.","status":413,"code":"upload-too-large","hint":"Ask for more."}""",
        }));
        await ChooseAsync(MediaFiles.Tone);
        await ShouldBeAsync("failed");
        await Assertions.Expect(At("upload-status")).ToHaveTextAsync("The file is larger than this server takes.");
        await Assertions.Expect(At("upload-hint")).ToHaveTextAsync("Ask for more.");

        await At("upload-retry").ClickAsync();
        await ShouldBeAsync("failed");
        await Page.UnrouteAllAsync();
        await At("upload-retry").ClickAsync();

        await ShouldBeAsync("done");
        await Assertions.Expect(At("upload-hint")).ToHaveCountAsync(0);
        await Assertions.Expect(At("watch-now")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_cannot_be_played_yet_says_why_in_words()
    {
        await ChooseAsync(MediaFiles.ProRes);
        await ShouldBeAsync("done");
        await Assertions.Expect(At("upload-reason")).ToContainTextAsync("prores", new() { IgnoreCase = true });
        await Assertions.Expect(At("watch-now")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_name_is_text_whatever_is_in_it()
    {
        const string name = "\u202e4pm.<img src=x onerror=alert(1)>\u2066 a&b.mp4";
        var film = await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Tone));
        await ThrottleAsync(60_000);
        await At("file-input").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "video/mp4", Buffer = film });
        await Assertions.Expect(At("upload-item").Locator(".name")).ToHaveTextAsync(name);
        (await Page.Locator("img[src=x]").CountAsync()).ShouldBe(0);
        await Assertions.Expect(At("upload-item").Locator("bdi")).ToHaveCountAsync(1); // What it turns around ends with it.
        await ThrottleAsync(0);
        await ShouldBeAsync("done");
        (await Page.Locator("img[src=x]").CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Going_elsewhere_in_the_app_ends_nothing_and_leaving_it_asks()
    {
        var watch = await Suite.PublishAsync(_server, MediaFiles.Tone);
        await ThrottleAsync(SlowBytesPerSecond);
        await ChooseAsync(MediaFiles.Noise);
        await UntilPercentAsync(5);
        await Page.GetByRole(AriaRole.Link, new() { Name = "Library" }).ClickAsync();
        await ShouldBeAsync("sending");
        await Page.Locator($"[data-id='{watch.GetProperty("id")}'] [data-testid=watch-link]").ClickAsync();
        await Assertions.Expect(At("under-way")).ToHaveTextAsync("1 upload under way");

        var asked = new TaskCompletionSource<string>();
        Page.Dialog += async (_, dialog) =>
        {
            await dialog.DismissAsync();
            asked.TrySetResult(dialog.Type);
        };
        await Page.CloseAsync(new() { RunBeforeUnload = true });
        (await asked.Task.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken)).ShouldBe("beforeunload");

        await At("under-way").ClickAsync();
        await ShouldBeAsync("sending");
        await ThrottleAsync(0);
        await ShouldBeAsync("done");
        Traffic.After(0).Count(e => e.Method == "POST").ShouldBe(1);
    }

    [Fact]
    public async Task A_guarded_server_asks_for_its_key_and_then_goes_on()
    {
        Guard.Expect("status of 401");
        var guarded = await StartServerAsync(guarded: true);
        await OpenAsync("/upload", guarded);
        await Assertions.Expect(At("key-form")).ToBeVisibleAsync();
        await Page.GetByLabel("Operator key").FillAsync(guarded.NewOperatorKey!);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).ClickAsync();
        await ChooseAsync(MediaFiles.Tone);
        await ShouldBeAsync("done");
        await At("watch-now").ClickAsync();
        await new Player(Page, "hls").ReadyAsync();
    }

    private int Scripts() => Guard.Requests.Count(path => path.StartsWith("/assets/", StringComparison.Ordinal) && path.EndsWith(".js", StringComparison.Ordinal));
}
