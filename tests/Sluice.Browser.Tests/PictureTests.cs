using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The README's picture of the watch page. <c>SLUICE_PICTURE=1</c> writes it to <c>docs/watch.png</c>.</summary>
public sealed class PictureTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const int LargestBytes = 300_000;

    [Fact]
    public async Task The_watch_page_makes_a_picture()
    {
        await OpenFilmAsync(MediaFiles.Showcase);
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.UntilAsync("video.currentTime > 0.5");
        await player.PauseAsync();
        await player.SeekAsync(6);
        await player.UntilAsync("!video.seeking && video.readyState >= 2");
        (await At("player-hls").EvaluateAsync<int>(Colours)).ShouldBeGreaterThan(50, "a decoded frame, not a black one");

        var picture = await Page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled });

        picture.Length.ShouldBeLessThan(LargestBytes);
        if (Environment.GetEnvironmentVariable("SLUICE_PICTURE") == "1")
        {
            await File.WriteAllBytesAsync(RepositoryRoot.File("docs/watch.png"), picture);
        }
    }

    /// <summary>How many colours a small copy of the frame has.</summary>
    private const string Colours =
        """
        video => {
          const canvas = new OffscreenCanvas(64, 36).getContext('2d');
          canvas.drawImage(video, 0, 0, 64, 36);
          const { data } = canvas.getImageData(0, 0, 64, 36);
          return new Set(Array.from({ length: 64 * 36 }, (_, i) => data.slice(i * 4, i * 4 + 3).join())).size;
        }
        """;
}
