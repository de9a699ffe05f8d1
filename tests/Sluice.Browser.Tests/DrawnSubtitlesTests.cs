using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Media.Binary;
using Sluice.Server.Tests.Burned;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Subtitles that are pictures, chosen on the page of a session and seen by all who are there.</summary>
public sealed class DrawnSubtitlesTests(BrowserSuite suite, SubtitledFilm film) : SessionPageTest(suite), IClassFixture<SubtitledFilm>
{
    private const int WhileShown = 7;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(film.Path));
    }

    private protected override Task<SluiceServer> StartServerForSessionsAsync() => StartImportingServerAsync(isRepackaging: true);

    [Fact]
    public async Task They_come_and_go_for_all_while_everybody_stays_where_they_are()
    {
        var link = await OpenSessionAsync(Origin.Url);
        var friend = await Context.NewPageAsync();
        await friend.GotoAsync(link);
        await Assertions.Expect(friend.GetByTestId("room-member")).ToHaveCountAsync(2);
        Player[] players = [new Player(Page, "hls"), new Player(friend, "hls")];
        await Assertions.Expect(At("session-subtitles").Locator("option")).ToHaveTextAsync(["None", "English (Blu-ray)", "German (Blu-ray)"]);
        await Task.WhenAll(players.Select(p => p.ReadyAsync()));
        await players[0].PauseAsync();
        await players[0].SeekAsync(WhileShown);
        await ShouldShowAsync(false);

        await At("session-subtitles").SelectOptionAsync("2");
        await ShouldShowAsync(true);
        await Assertions.Expect(friend.GetByTestId("session-subtitles")).ToHaveValueAsync("2");

        await friend.GetByTestId("session-subtitles").SelectOptionAsync("");
        await ShouldShowAsync(false);
        await friend.CloseAsync();

        Task ShouldShowAsync(bool isDrawn) => Task.WhenAll(players.Select(p => p.UntilAsync(
            $"Math.abs(video.currentTime - {WhileShown}) < 0.3 && video.readyState >= 2 && (({Brightness})(video) > 190) === {(isDrawn ? "true" : "false")}")));
    }

    /// <summary>Of the middle of the lower box, in the film's own pixels.</summary>
    private const string Brightness =
        """
        video => {
          const canvas = new OffscreenCanvas(320, 180);
          const context = canvas.getContext('2d');
          context.drawImage(video, 0, 0, 320, 180);
          return context.getImageData(160, 145, 1, 1).data[1];
        }
        """;
}
