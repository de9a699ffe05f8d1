using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Imports;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>
/// What a person sees when something is wrong with the server, its machine or a source: a sentence and what to do next, on a desktop and a phone, in light
/// and dark. The pictures are kept in <c>artifacts/test/trouble</c>, to be looked at.
/// </summary>
public sealed class TroubleTests(BrowserSuite suite) : BrowserTest(suite)
{
    /// <summary>More than any disk has: it is full for this server.</summary>
    private const long AllOfTheDisk = 1L << 60;

    [Fact]
    public async Task A_server_that_is_gone()
    {
        Guard.Expect("net::ERR_");
        Guard.Expect("Failed to fetch dynamically imported module");
        var server = await StartServerAsync();
        await Suite.PublishAsync(server, MediaFiles.Tone);
        await OpenAsync("/", server);
        await Assertions.Expect(At("library-item")).ToBeVisibleAsync();
        await server.App.StopAsync();

        // The list stays, and says that it may be old.
        await Assertions.Expect(At("library-stale")).ToContainTextAsync("The server cannot be reached. Check that it is running");
        await Assertions.Expect(At("library-item")).ToBeVisibleAsync();
        await LookAsync("server-gone-list");

        await At("to-upload").ClickAsync();
        await At("file-input").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Tone));
        await Assertions.Expect(At("upload-status")).ToContainTextAsync("The server cannot be reached. It goes on by itself");
        await LookAsync("server-gone-upload");
        await At("upload-remove").ClickAsync();
        await Assertions.Expect(At("upload-item")).ToHaveCountAsync(0);

        await At("to-channels").ClickAsync();
        await Assertions.Expect(At("page-unloaded").GetByRole(AriaRole.Button)).ToHaveTextAsync("Load again");
        await LookAsync("server-gone-page");

        await Page.GetByRole(AriaRole.Link, new() { Name = "Library" }).ClickAsync();
        await Assertions.Expect(At("library-failed")).ToContainTextAsync("The server cannot be reached.");
        await Assertions.Expect(At("library-failed").GetByRole(AriaRole.Button)).ToHaveTextAsync("Try again");
        await LookAsync("server-gone");
    }

    [Fact]
    public async Task A_link_that_has_expired()
    {
        Guard.Expect("status of 401");
        Guard.Expect("status of 403");
        var server = await StartServerAsync(guarded: true);
        var media = await Suite.PublishAsync(server, MediaFiles.Film, bearer: server.NewOperatorKey);
        using var made = await server.SendAsync(
            HttpMethod.Post, $"/api/v1/media/{media.GetProperty("id")}/tokens", server.NewOperatorKey, json: """{"expiresInMinutes":1}""");
        var link = (await made.JsonAsync()).Text("watch");
        server.Clock.Advance(TimeSpan.FromMinutes(3));
        await Page.Clock.SetFixedTimeAsync(server.Clock.GetUtcNow().UtcDateTime);

        await Page.GotoAsync(link);
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("This link expired 2 min ago.");
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("Ask for a new link");
        await LookAsync("link-expired");
    }

    [Fact]
    public async Task A_disk_that_is_full()
    {
        Guard.Expect("status of 507");
        var server = await StartServerAsync(options: options => options.Storage.ReserveBytes = AllOfTheDisk);
        await OpenAsync("/upload", server);
        await At("file-input").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Tone));
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "retrying");
        await Assertions.Expect(At("upload-status")).ToHaveTextAsync("There is no room left on the server's disk. It goes on by itself at 0 %.");
        await Assertions.Expect(At("upload-hint")).ToContainTextAsync("Free some space or lower storage.reserveBytes");
        await Assertions.Expect(At("upload-pause")).ToBeVisibleAsync();
        await LookAsync("disk-full-upload");

        await OpenAsync("/admin", server);
        await Assertions.Expect(At("room-left")).ToHaveTextAsync("0 B");
        await Assertions.Expect(Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The disk is full. Uploads are refused until titles are removed");
        await LookAsync("disk-full-admin");
    }

    [Fact]
    public async Task A_source_that_is_refused()
    {
        const string Inside = "http://169.254.169.254/latest/film.mp4";
        Guard.Expect("status of 422");
        await using var origin = await Origin.StartAsync();
        origin.Content = await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Garbage));
        origin.Statuses.Enqueue(404);
        var server = await StartImportingServerAsync();
        await OpenAsync("/", server);
        foreach (var (url, reason, advice) in ((string, string, string)[])
        [
            (Inside, "The address cannot be fetched.", "outbound.allow"),
            (origin.Url, "The other server answered with status 404.", "Open the address in a browser"),
            (origin.Url, "The file is no video or audio that can be played: it is no MP4 or MOV file.", "not of a page that shows it"),
        ])
        {
            await At("import-url").FillAsync(url);
            await At("import-submit").ClickAsync();
            await Assertions.Expect(At("import-reason").First).ToHaveTextAsync(reason);
            await Assertions.Expect(At("import-advice").First).ToContainTextAsync(advice);
        }

        await LookAsync("source-refused-import");

        await OpenAsync("/sessions", server);
        await At("session-url").FillAsync(Inside);
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("session-problem")).ToContainTextAsync("The address cannot be fetched.");
        await Assertions.Expect(At("session-problem")).ToContainTextAsync("outbound.allow");
        await LookAsync("source-refused-session");

        await OpenAsync("/channels", server);
        await At("channel-url").FillAsync("http://169.254.169.254/live.m3u8");
        await At("channel-test").ClickAsync();
        await Assertions.Expect(At("test-result")).ToContainTextAsync("It does not play.");
        await Assertions.Expect(At("test-result")).ToContainTextAsync("outbound.allow");
        await LookAsync("source-refused-channel");
    }

    [Fact]
    public async Task An_ffmpeg_that_is_missing()
    {
        var server = await StartServerAsync(options: options => (options.Transcode.Enabled, options.Transcode.Ffmpeg) = (true, "/nowhere/ffmpeg"));
        await OpenAsync("/upload", server);
        await At("file-input").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.ProRes));
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "done");
        await Assertions.Expect(At("upload-status")).ToHaveTextAsync("Kept, but it needs encoding before it can be watched");
        await Assertions.Expect(At("upload-reason")).ToContainTextAsync("there is no ffmpeg where the configuration says (transcode.ffmpeg)");
        await LookAsync("ffmpeg-missing-upload");

        await OpenAsync("/", server);
        await Assertions.Expect(At("reason")).ToContainTextAsync("there is no ffmpeg where the configuration says (transcode.ffmpeg)");
        await At("library-item").HoverAsync();
        await Assertions.Expect(At("prepare")).ToBeVisibleAsync();
        await LookAsync("ffmpeg-missing-library");

        await OpenAsync("/admin#checks", server);
        var check = At("check").Filter(new() { HasText = "files that need encoding will not play" });
        await Assertions.Expect(check).ToHaveAttributeAsync("data-severity", "warn");
        await Assertions.Expect(check).ToContainTextAsync("To mend it: name an ffmpeg that is there under transcode.ffmpeg, or remove that line");
        await LookAsync("ffmpeg-missing-checks");
    }

    [Fact]
    public async Task A_queue_that_stands_still()
    {
        var before = await StartServerAsync();
        var media = await Suite.PublishAsync(before, MediaFiles.ProRes);
        await before.App.StopAsync();
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options => (options.Storage.Data, options.Storage.ReserveBytes, options.Transcode.Enabled) = (before.Data, AllOfTheDisk, true));
        using var asked = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{media.Text("id")}/prepare");
        asked.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await Page.Clock.InstallAsync(new() { TimeDate = DateTime.UtcNow.AddMinutes(2) });

        await OpenAsync("/admin#jobs", server);
        await Assertions.Expect(At("queue")).ToContainTextAsync("0 running, ");
        await Assertions.Expect(At("queue-stuck")).ToContainTextAsync("The queue stands still.");
        await Assertions.Expect(At("queue-stuck")).ToContainTextAsync("Jobs wait, and none is being done: the disk is full: remove titles, make room otherwise, or lower storage.reserveBytes");
        await LookAsync("queue-stuck");
        await At("to-checks").ClickAsync();
        await Assertions.Expect(At("check").Filter(new() { HasText = "full but for the reserve" })).ToHaveAttributeAsync("data-severity", "fail");
        await LookAsync("queue-stuck-checks");
    }

    private Task LookAsync(string name) => new PageLook(Page).ShouldBeFitEverywhereAsync("trouble/" + name);
}
