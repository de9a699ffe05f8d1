using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Chromium plays what the server cuts, through hls.js and through dash.js.</summary>
public sealed class PlaybackTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_film_plays_and_loads_without_a_hole(string kind)
    {
        await OpenFilmAsync(MediaFiles.Film);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(640, 360);
        await player.ShouldHoldAllAsync(33);
        await Assertions.Expect(At($"quality-{kind}")).ToContainTextAsync("640×360");
        await Assertions.Expect(At($"quality-{kind}")).ToContainTextAsync("avc1.");
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("film");
        Guard.Requests.ShouldContain(path => path.EndsWith(".m4s", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("hls", 10)]
    [InlineData("dash", 10)]
    [InlineData("hls", 12)]
    [InlineData("dash", 12)]
    public async Task Back_in_front_of_what_is_not_loaded_it_plays_on_without_a_jump(string kind, double back)
    {
        await OpenFilmAsync(MediaFiles.Film);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.SeekAsync(6);
        await player.UntilAsync("!video.seeking");
        await player.SeekAsync(21);
        await player.UntilAsync("!video.seeking");

        await player.SeekAsync(back);
        await player.PlayAsync();

        // Segments are of six seconds: a hole would end at 18.
        await player.UntilAsync("video.currentTime > 13 && video.currentTime < 17");
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_seek_to_what_is_not_loaded_plays_on_to_the_end(string kind)
    {
        await OpenFilmAsync(MediaFiles.Long);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.PlayAsync();
        (await player.BufferedAsync()).ShouldAllBe(range => range[1] < 900, "the film is too short for this test");

        await player.SeekAsync(960);
        await player.PlaysOnAsync();
        (await player.BufferedAsync()).ShouldContain(range => range[0] <= 960.1 && range[1] > 961);

        await player.SeekAsync(1198);
        await player.UntilAsync("video.ended");
        // hls.js aligns on decode times: two frames of reordering, 0.4 s here, come on top (docs/adr/0003-timestamps.md).
        (await player.DurationAsync()).ShouldBeInRange(1199.9, 1200.5);

        await player.SeekAsync(3);
        await player.PlayAsync();
        await player.PlaysOnAsync();
    }

    [Fact]
    public async Task Both_play_side_by_side()
    {
        await OpenFilmAsync(MediaFiles.Film);
        await At("mode-both").ClickAsync();
        Player hls = new(Page, "hls"), dash = new(Page, "dash");
        await hls.ReadyAsync();
        await dash.ReadyAsync();
        await hls.PlayAsync();
        await dash.PlayAsync();
        await hls.PlaysOnAsync();
        await dash.PlaysOnAsync();
        (await At("player-dash").EvaluateAsync<bool>("video => video.muted")).ShouldBeTrue("one sound is enough");
    }

    [Fact]
    public async Task Another_format_goes_on_where_the_last_one_was()
    {
        await OpenFilmAsync(MediaFiles.Film);
        var hls = new Player(Page, "hls");
        await hls.ReadyAsync();
        await hls.SeekAsync(20);
        await hls.UntilAsync("!video.seeking && video.currentTime >= 20");
        var dash = await new Player(Page, "dash").ChosenAsync();
        await dash.UntilAsync("video.currentTime >= 19.9");
        await Assertions.Expect(At("player-hls")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("hls", MediaFiles.Vp9, "vp09.")]
    [InlineData("dash", MediaFiles.Vp9, "vp09.")]
    [InlineData("hls", MediaFiles.Av1, "av01.")]
    [InlineData("dash", MediaFiles.Av1, "av01.")]
    public async Task Newer_codecs_play_as_they_are(string kind, string film, string codec)
    {
        await OpenFilmAsync(film);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(320, 180);
        await player.ShouldHoldAllAsync(8);
        await Assertions.Expect(At($"quality-{kind}")).ToContainTextAsync(codec);
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task Sound_alone_plays_and_says_that_it_is_alone(string kind)
    {
        await OpenFilmAsync(MediaFiles.Tone);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.ListenAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.HearsAsync(440);
        await player.ShouldHoldAllAsync(20);
        await Assertions.Expect(At($"pane-{kind}")).ToContainTextAsync("Sound only");
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task Another_language_is_heard_when_it_is_chosen(string kind)
    {
        await OpenFilmAsync(MediaFiles.Film);
        var player = await new Player(Page, kind).ChosenAsync();
        await At("player-gear").ClickAsync();
        await Assertions.Expect(At("audio-select").Locator("option")).ToHaveTextAsync(["English", "German"]);
        await player.ListenAsync();
        await player.PlayAsync();
        await player.HearsAsync(440);
        Guard.Requests.ShouldNotContain(path => path.Contains("/a1/", StringComparison.Ordinal) && path.EndsWith(".m4s", StringComparison.Ordinal));

        await At("audio-select").SelectOptionAsync(new SelectOptionValue { Label = "German" });
        await player.HearsAsync(1000);
        await player.PlaysOnAsync();
        Guard.Requests.ShouldContain(path => path.Contains("/a1/", StringComparison.Ordinal) && path.EndsWith(".m4s", StringComparison.Ordinal));

        await player.SeekAsync(26.4);
        await player.PlaysOnAsync();
        await player.HearsAsync(1000);
    }
}
