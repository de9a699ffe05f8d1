using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Torrents;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A magnet link that is pasted becomes a title of the library, out of a real swarm.</summary>
public sealed class MagnetToLibraryTests(BrowserSuite suite, ClipSwarm swarm) : BrowserTest(suite), IClassFixture<ClipSwarm>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/upload")]
    public async Task What_is_pasted_is_added_and_watched(string page)
    {
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options => options.Outbound.Allow = ["127.0.0.0/8"]);
        await OpenAsync(page, server);
        await At("import-url").FillAsync(swarm.Torrent.Magnet(swarm.Tracker));
        await At("import-submit").ClickAsync();

        await Assertions.Expect(At("import-item")).ToHaveAttributeAsync("data-state", "done");
        await At("import-watch").ClickAsync();
        await Page.WaitForURLAsync("**/watch/*");
        var player = new Player(Page, "hls");
        await player.PlayAsync();
        await player.PlaysOnAsync();
    }
}
