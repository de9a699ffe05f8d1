using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The README's pictures. <c>SLUICE_PICTURE=1</c> writes them to <c>docs/watch.png</c> and <c>docs/library.png</c>.</summary>
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

    [Fact]
    public async Task The_library_makes_a_picture()
    {
        var server = await StartEncodingServerAsync();
        foreach (var title in (string[])["Harbour at dawn", "The long way home", "Rehearsal, second act", "Voyage"])
        {
            await Suite.PublishAsync(server, MediaFiles.Showcase, "/api/v1/media?title=" + Uri.EscapeDataString(title));
        }

        (await Eventually.Holds(async () => (await server.Http.GetStringAsync("/api/v1/jobs")) is var jobs
            && !jobs.Contains("\"queued\"", StringComparison.Ordinal) && !jobs.Contains("\"running\"", StringComparison.Ordinal))).ShouldBeTrue();
        await OpenAsync("/", server);
        await Assertions.Expect(At("poster")).ToHaveCountAsync(4);
        await Page.WaitForFunctionAsync("() => [...document.querySelectorAll('[data-testid=poster]')].every(image => image.complete && image.naturalWidth > 0)");
        var picture = await Page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled });

        picture.Length.ShouldBeLessThan(LargestBytes);
        if (Environment.GetEnvironmentVariable("SLUICE_PICTURE") == "1")
        {
            await File.WriteAllBytesAsync(RepositoryRoot.File("docs/library.png"), picture);
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
