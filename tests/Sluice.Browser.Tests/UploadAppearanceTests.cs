using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Uploads in every state at once, as in <see cref="AppearanceTests"/>. The pictures are kept in <c>artifacts/test/uploads</c>.</summary>
public sealed class UploadAppearanceTests(BrowserSuite suite) : UploadPageTest(suite)
{
    /// <summary>More than a minute for one of the films that are on their way.</summary>
    private const int TrickleBytesPerSecond = 40_000;

    [Fact]
    public async Task Done_refused_kept_running_paused_and_waiting()
    {
        Guard.Expect("status of 415");
        await OpenAsync("/upload", await StartServerAsync());
        await Assertions.Expect(At("choose-folder")).ToBeVisibleAsync();
        await ChooseAsync(MediaFiles.Tone, MediaFiles.Garbage, MediaFiles.ProRes);
        await Assertions.Expect(Rows("done")).ToHaveCountAsync(2);
        await Assertions.Expect(Rows("failed")).ToHaveCountAsync(1);

        await ThrottleAsync(TrickleBytesPerSecond);
        var film = await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Film));
        string[] names =
        [
            "<img src=x onerror=alert(1)> مرحبا.mp4", "A name that is so long that it has to go on in the next line of a phone, and in one more.mp4", "third.mp4", "fourth.mp4",
        ];
        await At("file-input").SetInputFilesAsync(names.Select(name => new FilePayload { Name = name, MimeType = "video/mp4", Buffer = film }));
        await Assertions.Expect(Rows("sending")).ToHaveCountAsync(2);
        await Rows("sending").Last.GetByTestId("upload-pause").ClickAsync();
        await Assertions.Expect(Rows("paused")).ToHaveCountAsync(1);
        await Assertions.Expect(Rows("sending")).ToHaveCountAsync(2);
        await Assertions.Expect(Rows("waiting")).ToHaveCountAsync(1);
        await UntilPercentAsync(2);
        await new PageLook(Page).ShouldBeFitEverywhereAsync("uploads/states");
        await Assertions.Expect(Rows("sending")).ToHaveCountAsync(2); // They were when the last picture was taken.
    }

    private ILocator Rows(string state) => Page.Locator($"[data-testid=upload-item][data-state={state}]");
}
