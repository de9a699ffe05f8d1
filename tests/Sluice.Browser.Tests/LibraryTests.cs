using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The library page on an empty server: files in, links out.</summary>
public sealed class LibraryTests(BrowserSuite suite) : BrowserTest(suite)
{
    private SluiceServer _server = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _server = await StartServerAsync();
        await OpenAsync("/", _server);
        await Assertions.Expect(Page.GetByText("Nothing here yet")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_chosen_file_is_watched_a_moment_later()
    {
        var film = await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Film));
        await At("file-input").SetInputFilesAsync(new FilePayload
        {
            Name = "Holiday <b onmouseover=alert(1)>1.mp4",
            MimeType = "video/mp4",
            Buffer = film,
        });
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "done");
        await Assertions.Expect(At("upload-status")).ToHaveTextAsync("Ready to watch");
        (await At("admin-key").InnerTextAsync()).Length.ShouldBeGreaterThan(20);
        await Assertions.Expect(At("library-item")).ToHaveAttributeAsync("data-state", "ready");
        await Assertions.Expect(At("library-item").GetByTestId("watch-link")).ToHaveTextAsync("Holiday <b onmouseover=alert(1)>1");
        await Assertions.Expect(At("library-item")).ToContainTextAsync("0:33");

        await At("toggle-tracks").ClickAsync();
        await Assertions.Expect(At("details").GetByTestId("tracks").Locator("li")).ToHaveCountAsync(3);
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("toggle-tracks")).ToBeFocusedAsync();

        await At("watch-now").ClickAsync();
        await Page.WaitForURLAsync("**/watch/*");
        var player = new Player(Page, "hls");
        await player.PlayAsync();
        await player.PlaysOnAsync();

        await Page.GoBackAsync();
        await Page.ReloadAsync();
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);
        await Assertions.Expect(At("uploads")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_file_dropped_anywhere_is_uploaded()
    {
        var tone = await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Tone));
        var transfer = await Page.EvaluateHandleAsync(
            """
            base64 => {
              const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
              const transfer = new DataTransfer();
              transfer.items.add(new File([bytes], 'tone.m4a', { type: 'audio/mp4' }));
              return transfer;
            }
            """, Convert.ToBase64String(tone));
        var heading = Page.GetByRole(AriaRole.Heading, new() { Name = "Library" });
        await heading.DispatchEventAsync("dragenter", new { dataTransfer = transfer });
        await Assertions.Expect(Page.GetByText("Drop to upload")).ToBeVisibleAsync();
        await heading.DispatchEventAsync("drop", new { dataTransfer = transfer });
        await Assertions.Expect(Page.GetByText("Drop to upload")).ToHaveCountAsync(0);

        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "done");
        await Assertions.Expect(At("watch-link")).ToHaveTextAsync("tone");
    }

    [Fact]
    public async Task An_upload_shows_how_far_it_is_and_can_be_removed()
    {
        Guard.Expect("status of 423"); // The request that was broken off a moment ago still has its hand on it.
        var network = await Context.NewCDPSessionAsync(Page);
        await network.SendAsync("Network.enable");
        await network.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
        {
            ["offline"] = false,
            ["latency"] = 0,
            ["downloadThroughput"] = -1,
            ["uploadThroughput"] = 120_000,
        });
        await At("file-input").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Film));
        await Page.WaitForFunctionAsync("() => document.querySelector('[data-testid=upload-progress]')?.value > 5");
        await Assertions.Expect(At("upload-status")).ToHaveTextAsync(new Regex(@"^\d+ % of [\d.]+ [KM]B", RegexOptions.None, TimeSpan.FromSeconds(1)));

        await At("upload-remove").ClickAsync();
        await At("confirm-yes").ClickAsync();
        await Assertions.Expect(At("upload-item")).ToHaveCountAsync(0);
        (await Eventually.Holds(() => Directory.GetFileSystemEntries(Path.Combine(_server.Data, "uploads")).Length == 0)).ShouldBeTrue("nothing half-kept");
        _server.StoredFiles().ShouldBeEmpty();
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_file_that_needs_encoding_is_kept_with_its_reason()
    {
        await At("file-input").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.ProRes));
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "done");
        await Assertions.Expect(At("upload-status")).ToContainTextAsync("needs encoding");
        await Assertions.Expect(At("library-item")).ToHaveAttributeAsync("data-state", "needs-transcode");
        await Assertions.Expect(At("reason")).ToContainTextAsync("prores", new() { IgnoreCase = true });
        await Assertions.Expect(At("watch-link")).ToHaveCountAsync(0);
        await Assertions.Expect(At("watch-now")).ToHaveCountAsync(0);

        // Looked at again, it is as before; the job says why, and can be tried again in its turn.
        await At("prepare").ClickAsync();
        await Assertions.Expect(At("job")).ToHaveAttributeAsync("data-kind", "prepare");
        (await Eventually.Holds(async () => (await _server.Http.GetStringAsync("/api/v1/jobs")).Contains("\"failed\"", StringComparison.Ordinal))).ShouldBeTrue();
        await Page.ReloadAsync(); // Time stands still on this server, and with it the stream of events.
        await Assertions.Expect(At("job-line")).ToHaveTextAsync("Looking at it again failed");
        await Assertions.Expect(At("job-reason")).ToHaveTextAsync("encoding is switched off (transcode.enabled)");
        await Assertions.Expect(At("job-retry")).ToBeVisibleAsync();
        await Assertions.Expect(At("prepare")).ToHaveCountAsync(0);
        await Assertions.Expect(At("reason")).ToContainTextAsync("prores", new() { IgnoreCase = true });
    }

    [Fact]
    public async Task Garbage_is_refused_with_its_reason_and_nothing_stays()
    {
        Guard.Expect("status of 415");
        await At("file-input").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Garbage));
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "failed");
        await Assertions.Expect(At("upload-status")).ToHaveTextAsync("The file is no video or audio that can be played.");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(0);
        _server.StoredFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task Deleting_asks_first_and_then_deletes_all()
    {
        await Suite.PublishAsync(_server, MediaFiles.Tone, "/api/v1/media?expiresInMinutes=120");
        await Page.ReloadAsync();
        await Assertions.Expect(At("expiry")).ToHaveTextAsync(new Regex("expires in [12] h", RegexOptions.None, TimeSpan.FromSeconds(1)));

        await At("delete").ClickAsync();
        await Assertions.Expect(At("confirm")).ToContainTextAsync("Delete “tone”?");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("confirm")).ToHaveCountAsync(0);
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);

        await At("delete").ClickAsync();
        await At("confirm-yes").ClickAsync();
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(0);
        await Assertions.Expect(Page.GetByText("Nothing here yet")).ToBeVisibleAsync();
        (await Eventually.Holds(() => _server.StoredFiles().Length == 0)).ShouldBeTrue("its files are gone too");
    }
}
