using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A title that is watched while it is uploaded, in Chromium.</summary>
public sealed class ArrivingTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const double FilmSeconds = 240;

    private byte[] _film = [];
    private SluiceServer _server = null!;
    private TusCalls _tus = null!;
    private string _path = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _film = await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Coming));
        _server = await StartServerAsync(configure: builder => builder.Services.AddSingleton(TimeProvider.System));
        _tus = new TusCalls(_server.Http);
        _path = await _tus.NewAsync(_film.Length, ("Upload-Metadata", TusCalls.Metadata(("filename", "coming.mp4"), ("title", "On its way"))));
    }

    [Fact]
    public async Task It_plays_from_its_start_before_a_tenth_has_arrived_and_on_to_its_end()
    {
        var sent = await SendAsync(0, 0.09);
        await OpenAsync("/", _server);
        await Assertions.Expect(At("library-item")).ToHaveAttributeAsync("data-state", "arriving");
        await Assertions.Expect(At("arriving")).ToContainTextAsync("Arriving, 8 %");
        await At("watch-link").ClickAsync();
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        (await player.TimeAsync()).ShouldBeLessThan(15, "it begins at its start, not at what came last");
        await player.ShouldHavePicturesAsync(320, 180);
        await Assertions.Expect(At("arriving")).ToContainTextAsync("plays up to 0:");
        await Assertions.Expect(At("mode-dash")).ToHaveCountAsync(0);
        await Page.EvaluateAsync("() => { globalThis.stillHere = true; }");

        for (var share = 0.2; share < 0.85; share += 0.1)
        {
            sent = await SendAsync(sent, share);
            await Task.Delay(400);
        }

        await Assertions.Expect(At("arriving")).ToContainTextAsync(new Regex("Arriving, [78][09] %", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await SendAsync(sent, 1);
        await Assertions.Expect(At("mode-dash")).ToBeVisibleAsync();
        await Assertions.Expect(At("arriving")).ToHaveCountAsync(0);
        await player.PlaysOnAsync();
        await player.UntilAsync($"Math.abs(video.duration - {FilmSeconds}) < 0.5");
        await player.SeekAsync(FilmSeconds - 3);
        await player.PlayAsync();
        await player.UntilAsync("video.ended");

        (await Page.EvaluateAsync<bool>("() => globalThis.stillHere === true")).ShouldBeTrue("the page was not loaded anew");
        Guard.Requests.Where(r => r.EndsWith(".m4s", StringComparison.Ordinal)).Select(r => r.Split('/')[3]).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task One_that_is_given_up_is_gone_from_the_library()
    {
        await SendAsync(0, 0.2);
        await OpenAsync("/", _server);
        await Assertions.Expect(At("library-item")).ToHaveAttributeAsync("data-state", "arriving");
        await Assertions.Expect(At("arriving-progress")).ToHaveAttributeAsync("value", new Regex("^(?:19|20)$", RegexOptions.None, TimeSpan.FromSeconds(1)));

        using var given = await _tus.DeleteAsync(_path);

        given.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(0);
        Guard.Expect("status of 404"); // It is asked for once more, to see that it is gone.
    }

    private async Task<int> SendAsync(int from, double share)
    {
        var to = share >= 0.99 ? _film.Length : (int)(_film.Length * share);
        using var answer = await _tus.PatchAsync(_path, from, _film[from..to]);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        return to;
    }
}
