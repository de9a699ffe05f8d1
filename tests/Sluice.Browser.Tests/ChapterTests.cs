using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Chapters of a title: in the line of its time, and as a list to go by.</summary>
public sealed class ChapterTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Theory]
    [InlineData(MediaFiles.Chaptered, "hls")]
    [InlineData(MediaFiles.Chaptered, "dash")]
    [InlineData(MediaFiles.ChapteredMatroska, "hls")]
    public async Task They_are_seen_and_gone_to_by_pointer_and_by_keys(string film, string kind)
    {
        var player = await OpenAsync(film, kind);
        await Assertions.Expect(At("chapter").Locator("bdi")).ToHaveTextAsync(MediaFiles.Chapters);
        await Assertions.Expect(At("chapter").First).ToHaveAttributeAsync("aria-current", "true");

        await At("chapter").Nth(1).ClickAsync();
        await player.UntilAsync("!video.seeking && video.currentTime >= 8 && video.currentTime < 8.5");
        await Assertions.Expect(At("chapter").Nth(1)).ToHaveAttributeAsync("aria-current", "true");
        await Assertions.Expect(At("chapter").First).Not.ToHaveAttributeAsync("aria-current", "true");

        await At("chapter").Nth(1).PressAsync("Tab");
        await Assertions.Expect(At("chapter").Nth(2)).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Enter");
        await player.UntilAsync("!video.seeking && video.currentTime >= 16 && video.currentTime < 16.5");
        await player.PlayAsync();
        await player.PlaysOnAsync();
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task The_line_of_time_is_cut_at_them_and_names_the_one_under_the_pointer(string kind)
    {
        var player = await OpenAsync(MediaFiles.Chaptered, kind);
        await player.UntilAsync("[...video.textTracks].some(track => track.kind === 'chapters' && track.cues.length === 3)");
        await Page.WaitForFunctionAsync("() => document.querySelector('media-time-range').shadowRoot.querySelectorAll('#segments-clipping rect').length === 3");

        var box = (await At("player-seek").BoundingBoxAsync()).ShouldNotBeNull();
        await Page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await Assertions.Expect(At("player-seek")).ToHaveAttributeAsync("mediapreviewchapter", MediaFiles.Chapters[1]);
        await Axe.ShouldFindNothingAsync(Page, "chapters");
    }

    [Fact]
    public async Task A_title_without_any_has_no_list()
    {
        await OpenFilmAsync(MediaFiles.Film);
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("chapters")).ToHaveCountAsync(0);
    }

    /// <summary>The watch page of a film whose chapters were found.</summary>
    private async Task<Player> OpenAsync(string film, string kind)
    {
        var server = await StartEncodingServerAsync();
        var media = await Suite.PublishAsync(server, film);
        (await Eventually.Holds(async () =>
        {
            using var json = JsonDocument.Parse(await server.Http.GetStringAsync($"/api/v1/media/{media.Text("id")}"));
            return json.RootElement.GetProperty("chapters").GetArrayLength() == MediaFiles.Chapters.Count;
        })).ShouldBeTrue();
        await OpenAsync($"/watch/{media.Text("id")}", server);
        var player = new Player(Page, kind);
        if (kind == "dash")
        {
            await player.ChosenAsync();
        }

        await player.ReadyAsync();
        return player;
    }
}
