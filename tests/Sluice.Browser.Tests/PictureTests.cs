using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The README's pictures. <c>SLUICE_PICTURE=1</c>, as <c>./dev pictures</c> sets it, writes them to <c>docs</c>; otherwise they are only made.</summary>
public sealed class PictureTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const int LargestBytes = 400_000;

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

    [Fact]
    public async Task The_watch_page_makes_a_picture()
    {
        var server = await StartEncodingServerAsync();
        var film = await PublishAsync(server, "The long way home", MediaFiles.Showcase);
        await UntilAllIsDoneAsync(server);
        await OpenAsync($"/watch/{film.Text("id")}", server);
        await StillAsync("hls", 3.6);
        (await At("player-hls").EvaluateAsync<int>(Colours)).ShouldBeGreaterThan(50, "a decoded frame, not a black one");
        await KeepAsync("watch", Page);
    }

    [Fact]
    public async Task The_library_makes_pictures()
    {
        var server = await StartEncodingServerAsync();
        foreach (var (title, film) in MediaFiles.Shelf)
        {
            await PublishAsync(server, title, film);
        }

        await UntilAllIsDoneAsync(server);
        await OpenAsync("/", server);
        await PostersAsync(Page, MediaFiles.Shelf.Count);
        await KeepAsync("library", Page);

        await using var pocket = await Suite.Browser.NewContextAsync(new()
        {
            Locale = "en-GB", ColorScheme = ColorScheme.Dark, ViewportSize = new() { Width = 390, Height = 844 }, HasTouch = true, IsMobile = true,
        });
        pocket.SetDefaultTimeout(BrowserSuite.LongestWait);
        var phone = await pocket.NewPageAsync();
        await phone.GotoAsync(server.Http.BaseAddress!.AbsoluteUri);
        await PostersAsync(phone, 1);
        await phone.GetByTestId("search").EvaluateAsync("field => scrollTo(0, field.getBoundingClientRect().top + scrollY - 16)");
        await PostersAsync(phone, 1);
        await KeepAsync("phone", phone);
    }

    private static Task UntilAllIsDoneAsync(SluiceServer server) => Eventually.Holds(async () =>
    {
        var jobs = await server.Http.GetStringAsync("/api/v1/jobs");
        return !jobs.Contains("\"queued\"", StringComparison.Ordinal) && !jobs.Contains("\"running\"", StringComparison.Ordinal);
    });

    /// <summary>All pictures that there are, and so many at least, are drawn.</summary>
    private static Task PostersAsync(IPage page, int least) => page.WaitForFunctionAsync(
        """
        least => {
          const posters = [...document.querySelectorAll('[data-testid=poster]')];
          return posters.length >= least && posters.every(image => image.complete && image.naturalWidth > 0);
        }
        """, least);

    private Task<JsonElement> PublishAsync(SluiceServer server, string title, string film) =>
        Suite.PublishAsync(server, film, "/api/v1/media?title=" + Uri.EscapeDataString(title));

    /// <summary>It played, so that there is something to tell of it, and stands still at a moment.</summary>
    private async Task StillAsync(string kind, double seconds)
    {
        var player = new Player(Page, kind);
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.UntilAsync("video.currentTime > 0.5");
        await player.PauseAsync();
        await player.SeekAsync(seconds);
        await player.UntilAsync("video.paused && !video.seeking && video.readyState >= 2");
    }

    private static async Task KeepAsync(string name, IPage page)
    {
        var picture = await page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled });
        picture.Length.ShouldBeLessThan(LargestBytes, name);
        if (Environment.GetEnvironmentVariable("SLUICE_PICTURE") == "1")
        {
            await File.WriteAllBytesAsync(RepositoryRoot.File($"docs/{name}.png"), picture);
        }
    }
}
