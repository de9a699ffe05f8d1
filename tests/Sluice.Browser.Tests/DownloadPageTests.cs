using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The file itself, for viewers to whom its owner gives it.</summary>
public sealed class DownloadPageTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task Who_owns_a_title_lets_viewers_download_it_and_takes_that_back()
    {
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.Tone);
        await OpenAsync($"/watch/{media.Text("id")}", server);
        await Assertions.Expect(At("share")).ToBeVisibleAsync();
        await Assertions.Expect(At("download")).ToHaveCountAsync(0);
        await At("share").ClickAsync();
        await At("share-downloads").CheckAsync();
        await Assertions.Expect(At("download")).ToHaveCountAsync(1);
        await Page.Keyboard.PressAsync("Escape");

        await using var viewer = await Suite.Browser.NewContextAsync(Options);
        var page = await viewer.NewPageAsync();
        await page.GotoAsync(media.GetProperty("playback").Text("watch"));
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("download").ClickAsync());
        download.SuggestedFilename.ShouldBe(MediaFiles.Tone);
        (await File.ReadAllBytesAsync(await download.PathAsync())).ShouldBe(await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Tone)));

        await At("share").ClickAsync();
        await Assertions.Expect(At("share-downloads")).ToBeCheckedAsync();
        await At("share-downloads").UncheckAsync();
        await Assertions.Expect(At("download")).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("share")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("download")).ToHaveCountAsync(0);
    }
}
