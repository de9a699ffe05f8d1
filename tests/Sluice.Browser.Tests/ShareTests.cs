using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Links that are made to be given away do what was chosen for them, whoever opens them.</summary>
public sealed class ShareTests(BrowserSuite suite) : BrowserTest(suite)
{
    /// <summary>Reads a QR code from the picture of a screen, as somebody else's program does.</summary>
    private const string Read =
        """
        async base64 => {
          const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
          const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
          const { width, height } = picture;
          const context = new OffscreenCanvas(width, height).getContext('2d');
          context.drawImage(picture, 0, 0);
          const gray = context.getImageData(0, 0, width, height).data.filter((_, at) => at % 4 === 1);
          const bitmap = new ZXing.BinaryBitmap(new ZXing.HybridBinarizer(new ZXing.RGBLuminanceSource(gray, width, height)));
          return new ZXing.QRCodeReader().decode(bitmap).getText();
        }
        """;

    [Fact]
    public async Task A_link_for_one_view_plays_for_one_and_tells_the_next_why_not()
    {
        Guard.Expect("status of 403");
        var link = await MakeAsync(views: "1");

        await Page.GotoAsync(link);
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();

        await using var other = await Suite.Browser.NewContextAsync(new() { Locale = "en-GB", UserAgent = "Another browser" });
        var page = await other.NewPageAsync();
        await page.GotoAsync(link);
        var error = page.GetByTestId("playback-error");
        await Assertions.Expect(error).ToHaveAttributeAsync("data-code", "views-used-up");
        await Assertions.Expect(error.GetByRole(AriaRole.Heading)).ToHaveTextAsync("This link was viewed as often as it may be.");
        await Assertions.Expect(error).ToContainTextAsync("Ask whoever shared it for a new one.");
    }

    [Theory]
    [InlineData("60", 59, 61)]
    [InlineData("10080", 10_079, 10_081)]
    public async Task A_link_lives_as_long_as_was_chosen(string life, int before, int after)
    {
        Guard.Expect("status of 403");
        var server = await StartServerAsync();
        var link = await MakeAsync(server, life: life);
        await Page.Clock.InstallAsync(new() { TimeDate = server.Clock.GetUtcNow().UtcDateTime });

        server.Clock.Advance(TimeSpan.FromMinutes(before));
        await Page.GotoAsync(link);
        await new Player(Page, "hls").ReadyAsync();

        server.Clock.Advance(TimeSpan.FromMinutes(after - before));
        await Page.GotoAsync(link);
        await Assertions.Expect(At("playback-error")).ToHaveAttributeAsync("data-code", "token-expired");
        await Assertions.Expect(At("playback-error").GetByRole(AriaRole.Heading)).ToContainTextAsync("This link expired");
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task A_phone_reads_the_link_from_the_screen(int width)
    {
        await Page.SetViewportSizeAsync(width, 800);
        var link = await MakeAsync();

        var picture = await At("share-qr").ScreenshotAsync();
        await Page.EvaluateAsync(await File.ReadAllTextAsync(RepositoryRoot.File("web/node_modules/@zxing/library/umd/index.min.js")));
        (await Page.EvaluateAsync<string>(Read, Convert.ToBase64String(picture))).ShouldBe(link);
    }

    private async Task<string> MakeAsync(string? views = null) => await MakeAsync(await StartServerAsync(), views: views);

    /// <summary>Publishes a film, opens its page, and makes a link there.</summary>
    private async Task<string> MakeAsync(SluiceServer server, string? life = null, string? views = null)
    {
        var id = (await Suite.PublishAsync(server, MediaFiles.Film)).Text("id");
        await OpenAsync($"/watch/{id}", server);
        await At("share").ClickAsync();
        if (life is not null)
        {
            await At("share-life").SelectOptionAsync(life);
        }

        if (views is not null)
        {
            await At("share-views").FillAsync(views);
        }

        await At("share-make").ClickAsync();
        return await At("share-link").InputValueAsync();
    }
}
