using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The upload page says whether a file plays while it is on its way.</summary>
public sealed class UploadArrivalTests(BrowserSuite suite) : UploadPageTest(suite)
{
    [Fact]
    public async Task A_file_with_its_index_first_is_watched_before_it_has_arrived()
    {
        Guard.Expect("status of 503"); // A playlist that is not long enough yet is asked for again.
        await OpenAsync("/upload", await StartImportingServerAsync()); // Its clock goes on, and with it the stream of events.
        await ThrottleAsync(SlowBytesPerSecond);
        await ChooseAsync(MediaFiles.Noise);
        await Assertions.Expect(At("watch-now")).ToHaveTextAsync("Watch now");
        await ShouldBeAsync("sending");
        await At("watch-now").ClickAsync();
        await Page.WaitForURLAsync("**/watch/*");
        await Assertions.Expect(At("under-way")).ToHaveTextAsync("1 upload under way");
        var player = new Player(Page, "hls");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await ThrottleAsync(0);
        await Assertions.Expect(At("under-way")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_file_with_its_index_last_says_that_it_has_to_arrive()
    {
        await OpenAsync("/upload", await StartImportingServerAsync());
        await ThrottleAsync(150_000);
        await ChooseAsync(MediaFiles.Long);
        await Assertions.Expect(At("upload-plays")).ToHaveTextAsync("This file plays when all of it has arrived.");
        await Assertions.Expect(At("watch-now")).ToHaveCountAsync(0);
        await ThrottleAsync(0);
        await ShouldBeAsync("done");
        await Assertions.Expect(At("upload-plays")).ToHaveCountAsync(0);
        await Assertions.Expect(At("watch-now")).ToHaveTextAsync("Watch");
    }
}
