using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Media.Binary;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A film whose sound ends long before its picture plays to the end, from wherever one goes to.</summary>
public sealed class ShortSoundTests(BrowserSuite suite) : SessionPageTest(suite)
{
    [Theory]
    [InlineData("hls", 38)]
    [InlineData("dash", 38)]
    [InlineData("hls", 32)]
    [InlineData("dash", 32)]
    public async Task A_title_of_the_library(string kind, double at)
    {
        await OpenFilmAsync(MediaFiles.Hushed);
        await ShouldEndFromAsync(await new Player(Page, kind).ChosenAsync(), at);
    }

    [Theory]
    [InlineData("hls", 32)]
    [InlineData("dash", 32)]
    public async Task One_that_lies_elsewhere(string kind, double at)
    {
        Origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Hushed)));
        await OpenSessionAsync(Origin.Url);
        await Assertions.Expect(At("room-member")).ToHaveCountAsync(1); // Who comes in goes to where the room is, at its beginning.
        await ShouldEndFromAsync(await new Player(Page, kind).ChosenAsync(), at);
    }

    private async Task ShouldEndFromAsync(Player player, double at)
    {
        await player.SeekAsync(at);
        await player.PlayAsync();
        await player.UntilAsync("!video.seeking && !video.paused");
        (await player.TimeAsync()).ShouldBeGreaterThan(at - 0.5, "it stays where it was sent to");
        await player.UntilAsync("video.ended");
    }
}
