using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The page of a session that plays a live stream.</summary>
public sealed class SessionLiveTests(BrowserSuite suite, SharedLiveOrigin live) : SessionPageTest(suite), IClassFixture<SharedLiveOrigin>
{
    [Fact]
    public async Task A_live_stream_plays_at_its_own_pace_in_a_room()
    {
        var link = await OpenSessionAsync(live.Url);
        var player = new Player(Page, "player-live");
        await player.UntilAsync("video.currentTime > 0");
        await player.PlaysOnAsync();
        await Assertions.Expect(At("mode-hls")).ToHaveCountAsync(0);
        await Assertions.Expect(At("session-keep")).ToHaveCountAsync(0);

        var friend = await Context.NewPageAsync();
        await friend.GotoAsync(link);
        await Assertions.Expect(friend.GetByTestId("room-member")).ToHaveCountAsync(2);
        await new Player(friend, "player-live").PlaysOnAsync();
        await player.PauseAsync();
        await new Player(friend, "player-live").PlaysOnAsync();
        await friend.CloseAsync();
    }
}
