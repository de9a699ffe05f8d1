using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Keys of the player that change how a title is heard, read and shown; the others: <see cref="PlayerControlTests"/>.</summary>
public sealed class PlayerKeyTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const string SubtitlesShown = "[...video.textTracks].some(track => track.kind === 'subtitles' && track.mode === 'showing')";

    [Fact]
    public async Task Arrows_make_it_louder_and_softer_and_end_silence()
    {
        await OpenFilmAsync(MediaFiles.Film);
        var player = await ReadyAsync();
        for (var press = 0; press < 3; press++)
        {
            await Page.Keyboard.PressAsync("ArrowDown");
        }

        await player.UntilAsync("Math.abs(video.volume - 0.7) < 0.001");
        await Page.Keyboard.PressAsync("ArrowUp");
        await player.UntilAsync("Math.abs(video.volume - 0.8) < 0.001");
        await Page.Keyboard.PressAsync("m");
        await player.UntilAsync("video.muted");
        for (var press = 0; press < 4; press++)
        {
            await Page.Keyboard.PressAsync("ArrowUp");
        }

        await player.UntilAsync("!video.muted && video.volume === 1");
        await Assertions.Expect(At("player-volume")).ToHaveAttributeAsync("mediavolume", "1");
    }

    [Fact]
    public async Task Speeds_by_key_are_those_of_the_settings()
    {
        await OpenFilmAsync(MediaFiles.Film);
        var player = await ReadyAsync();
        foreach (var speed in (string[])["1.25", "1.5", "2", "2"])
        {
            await Page.Keyboard.PressAsync(">");
            await ShouldPlayAtAsync(speed);
        }

        foreach (var speed in (string[])["1.5", "1.25", "1", "0.75", "0.5", "0.5"])
        {
            await Page.Keyboard.PressAsync("<");
            await ShouldPlayAtAsync(speed);
        }

        async Task ShouldPlayAtAsync(string speed)
        {
            await player.UntilAsync($"video.playbackRate === {speed}");
            await At("player-gear").ClickAsync();
            await Assertions.Expect(At("speed-select")).ToHaveValueAsync(speed);
            await At("player-gear").ClickAsync();
            await Assertions.Expect(At("player-settings")).ToHaveCountAsync(0);
        }
    }

    [Fact]
    public async Task Two_quick_presses_are_two_steps_of_speed()
    {
        await OpenFilmAsync(MediaFiles.Film);
        var player = await ReadyAsync();
        await Page.EvaluateAsync(
            "() => [1, 2].forEach(() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '>', bubbles: true, cancelable: true })))");
        await player.UntilAsync("video.playbackRate === 1.5");
    }

    [Fact]
    public async Task Subtitles_come_and_go_by_key()
    {
        var server = await StartServerAsync();
        var film = await Suite.PublishAsync(server, MediaFiles.Film);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes("1\n00:00:00,000 --> 00:00:30,000\nAt first\n")), "subtitles", "a.srt" },
            { new StringContent("en"), "language" },
        };
        using var added = await server.Http.PostAsync($"/api/v1/media/{film.Text("id")}/subtitles", form);
        added.EnsureSuccessStatusCode();
        await OpenAsync($"/watch/{film.Text("id")}", server);
        var player = await ReadyAsync();
        await Assertions.Expect(At("player-captions")).ToBeVisibleAsync();
        await player.UntilAsync($"!({SubtitlesShown})");
        await Page.Keyboard.PressAsync("c");
        await player.UntilAsync(SubtitlesShown);
        await Assertions.Expect(At("player-captions")).ToHaveAttributeAsync("aria-checked", "true");
        await Page.Keyboard.PressAsync("c");
        await player.UntilAsync($"!({SubtitlesShown})");
        await Assertions.Expect(At("player-captions")).ToHaveAttributeAsync("aria-checked", "false");
    }

    [Fact]
    public async Task A_small_window_opens_and_closes_by_key_and_by_button()
    {
        await OpenFilmAsync(MediaFiles.Film);
        await ReadyAsync();
        (await Page.EvaluateAsync<bool>("() => document.pictureInPictureEnabled")).ShouldBeTrue();
        await Page.Keyboard.PressAsync("p");
        await ShouldBeSmallAsync(true);
        await Page.Keyboard.PressAsync("p");
        await ShouldBeSmallAsync(false);
        await At("player-pip").ClickAsync();
        await ShouldBeSmallAsync(true);
        await At("player-pip").ClickAsync();
        await ShouldBeSmallAsync(false);

        async Task ShouldBeSmallAsync(bool small)
        {
            await Page.WaitForFunctionAsync("small => (document.pictureInPictureElement === document.querySelector('video')) === small", small);
            await Assertions.Expect(At("player-pip")).ToHaveAttributeAsync("aria-label", small ? "exit picture in picture mode" : "enter picture in picture mode");
        }
    }

    [Fact]
    public async Task The_time_line_shows_the_picture_of_the_moment_under_the_pointer()
    {
        var server = await StartEncodingServerAsync();
        var id = (await Suite.PublishAsync(server, MediaFiles.Showcase)).Text("id");
        (await Eventually.Holds(async () => (await server.Http.GetStringAsync("/api/v1/media")).Contains("\"hasStoryboard\":true", StringComparison.Ordinal))).ShouldBeTrue();
        await OpenAsync($"/watch/{id}", server);
        var player = await ReadyAsync();
        await player.UntilAsync("[...video.textTracks].some(track => track.label === 'thumbnails' && track.cues?.length > 2)");
        var line = (await At("player-seek").BoundingBoxAsync()).ShouldNotBeNull();
        var seen = new HashSet<string>();
        foreach (var part in (double[])[0.1, 0.5, 0.9])
        {
            await Page.Mouse.MoveAsync((float)(line.X + (line.Width * part)), line.Y + (line.Height / 2));
            await Page.WaitForFunctionAsync(
                "part => Math.abs(document.querySelector('media-time-range').getAttribute('mediapreviewtime') / document.querySelector('video').duration - part) < 0.05", part);
            JsonElement preview = default;
            (await Eventually.Holds(async () =>
            {
                preview = await Page.EvaluateAsync<JsonElement>(Preview); // It fades in.
                return preview.Text("shown") == preview.Text("meant");
            })).ShouldBeTrue($"at {part}: {preview}");
            seen.Add(preview.Text("shown"));
        }

        seen.Count.ShouldBe(3, "each moment has a picture of its own");
        Guard.Requests.Count(path => path.EndsWith("storyboard-1.jpg", StringComparison.Ordinal)).ShouldBe(1);
    }

    /// <summary>
    /// What the small picture over the time line shows, as the place on its sheet that is in sight, and what the storyboard has for the moment that it tells.
    /// In pixels of the sheet, whole ones.
    /// </summary>
    private const string Preview =
        """
        async () => {
          const range = document.querySelector('media-time-range');
          const frame = range.shadowRoot.querySelector('media-preview-thumbnail');
          const image = frame.shadowRoot.querySelector('img');
          await image.decode();
          const [of, all] = [frame.getBoundingClientRect(), image.getBoundingClientRect()];
          const scale = image.naturalWidth / all.width;
          const shown = [of.left - all.left, of.top - all.top, of.width, of.height].map(part => Math.round(part * scale));
          const at = Number(range.getAttribute('mediapreviewtime'));
          const track = [...document.querySelector('video').textTracks].find(({ label }) => label === 'thumbnails');
          const cue = [...track.cues].find(({ startTime, endTime }) => startTime <= at && at < endTime) ?? track.cues[track.cues.length - 1];
          const inSight = frame.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && of.width > 40;
          return { shown: inSight ? shown.join() : 'nothing', meant: cue.text.split('#xywh=')[1].trim() };
        }
        """;

    private async Task<Player> ReadyAsync()
    {
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await Assertions.Expect(At("player-play")).ToBeVisibleAsync();
        return player;
    }
}
