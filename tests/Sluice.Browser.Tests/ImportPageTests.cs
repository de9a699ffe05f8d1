using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Imports;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Addresses on the library page: typed, pasted, followed, called off.</summary>
public sealed class ImportPageTests(BrowserSuite suite) : BrowserTest(suite)
{
    private SluiceServer _server = null!;
    private Origin _origin = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _server = await StartImportingServerAsync();
        _origin = await Origin.StartAsync();
        _origin.Content = await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Film));
        await OpenAsync("/", _server);
        await Assertions.Expect(Page.GetByText("Nothing here yet")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_address_is_typed_followed_and_watched_without_a_mouse()
    {
        // What comes at once is told once, and then nothing until more comes: at this pace it is told several times.
        (_origin.HoldsAfter, _origin.Pause) = (_origin.Content.Length * 9 / 10, TimeSpan.FromMilliseconds(10));
        await Assertions.Expect(At("import-submit")).ToBeDisabledAsync();
        await At("import-url").FocusAsync();
        await Page.Keyboard.TypeAsync("clip.mp4");
        await PressAddAsync();
        await Assertions.Expect(At("link-note")).ToHaveTextAsync("That is no address. One begins with https:// or with magnet:?");
        await At("import-url").FillAsync(_origin.Url);
        await PressAddAsync();

        await Assertions.Expect(At("import-item")).ToHaveAttributeAsync("data-state", "running");
        await Assertions.Expect(At("import-item")).ToContainTextAsync("clip one.mp4");
        await Assertions.Expect(At("import-status")).ToContainTextAsync("% of");
        await Page.WaitForFunctionAsync("() => document.querySelector('[data-testid=import-progress]')?.value >= 40");
        await Assertions.Expect(At("import-url")).ToBeFocusedAsync();
        await Assertions.Expect(At("import-url")).ToHaveValueAsync("");
        await Page.ReloadAsync();
        await Assertions.Expect(At("import-item")).ToHaveAttributeAsync("data-state", "running");

        _origin.LetGo.SetResult();
        await Assertions.Expect(At("import-item")).ToHaveAttributeAsync("data-state", "done");
        await Assertions.Expect(At("library-item")).ToHaveAttributeAsync("data-state", "ready");
        await At("import-watch").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync("**/watch/*");
        var player = new Player(Page, "hls");
        await player.PlayAsync();
        await player.PlaysOnAsync();
    }

    [Fact]
    public async Task An_address_pasted_anywhere_is_ready_to_be_sent()
    {
        await PasteAsync("no address at all");
        await Assertions.Expect(At("import-url")).ToHaveValueAsync("");
        await PasteAsync(" https://host.example/clip.mp4\n");
        await Assertions.Expect(At("import-url")).ToHaveValueAsync("https://host.example/clip.mp4");
        await Assertions.Expect(At("import-url")).ToBeFocusedAsync();
        await Assertions.Expect(At("import-submit")).ToBeEnabledAsync();
        await At("import-url").BlurAsync();
        await PasteAsync("magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567 ");
        await Assertions.Expect(At("import-url")).ToHaveValueAsync("magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567");
        await Assertions.Expect(At("import-submit")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task One_that_fails_says_why_until_it_is_dismissed()
    {
        _origin.Statuses.Enqueue(404);
        await SendAsync(_origin.Url);
        await Assertions.Expect(At("import-item")).ToHaveAttributeAsync("data-state", "failed");
        await Assertions.Expect(At("import-reason")).ToHaveTextAsync("The other server answered with status 404.");
        await Page.ReloadAsync();
        await Assertions.Expect(At("import-reason")).ToHaveTextAsync("The other server answered with status 404.");

        await At("import-dismiss").ClickAsync();
        await Assertions.Expect(At("import-item")).ToHaveCountAsync(0);
        await Page.ReloadAsync();
        await Assertions.Expect(Page.GetByText("Nothing here yet")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_is_inside_is_refused_in_words()
    {
        await SendAsync("http://169.254.169.254/latest/meta-data/");
        await Assertions.Expect(At("import-reason")).ToHaveTextAsync("The address cannot be fetched.");
    }

    [Fact]
    public async Task One_that_is_cancelled_stops()
    {
        _origin.HoldsAfter = 1000;
        await SendAsync(_origin.Url);
        await Assertions.Expect(At("import-item")).ToHaveAttributeAsync("data-state", "running");

        await At("import-cancel").ClickAsync();
        await Assertions.Expect(At("import-item")).ToHaveAttributeAsync("data-state", "cancelled");
        (await Eventually.Holds(() => Directory.GetFiles(Path.Combine(_server.Data, "imports")).Length == 0)).ShouldBeTrue();
    }

    /// <summary>By the keyboard: behind the field is what watches it, and then what adds it.</summary>
    private async Task PressAddAsync()
    {
        await At("import-url").PressAsync("Tab");
        await Assertions.Expect(At("link-watch")).ToBeFocusedAsync();
        await At("link-watch").PressAsync("Tab");
        await At("import-submit").PressAsync("Enter");
    }

    private async Task SendAsync(string url)
    {
        await At("import-url").FillAsync(url);
        await At("import-submit").ClickAsync();
    }

    private Task PasteAsync(string text) => Page.EvaluateAsync(
        """
        text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData('text', text);
          document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        }
        """, text);
}
