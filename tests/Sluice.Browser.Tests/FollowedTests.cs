using System.Net;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A Matroska file that is watched while it is uploaded, in Chromium: it is repackaged as it comes.</summary>
public sealed class FollowedTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const double FilmSeconds = 240;

    private byte[] _film = [];
    private SluiceServer _server = null!;
    private TusCalls _tus = null!;
    private string _path = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _film = await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.ComingMatroska));
        _server = await StartEncodingServerAsync();
        _tus = new TusCalls(_server.Http);
        _path = await _tus.NewAsync(_film.Length, ("Upload-Metadata", TusCalls.Metadata(("filename", "coming.mkv"), ("title", "On its way"))));
    }

    [Fact]
    public async Task It_plays_from_its_start_before_the_upload_ends_and_on_to_its_end()
    {
        var sent = await SendAsync(0, 0.15);
        await OpenAsync("/", _server);
        await Assertions.Expect(At("library-item")).ToHaveAttributeAsync("data-state", "arriving");
        await At("watch-link").ClickAsync();
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        (await player.TimeAsync()).ShouldBeLessThan(15, "it begins at its start, not at what came last");
        await player.ShouldHavePicturesAsync(320, 180);
        await Page.EvaluateAsync("() => { globalThis.stillHere = true; }");

        for (var share = 0.3; share < 0.85; share += 0.2)
        {
            sent = await SendAsync(sent, share);
            await Task.Delay(400);
        }

        await SendAsync(sent, 1);
        await Assertions.Expect(At("mode-dash")).ToBeVisibleAsync();
        await player.PlaysOnAsync();
        await player.UntilAsync($"Math.abs(video.duration - {FilmSeconds}) < 0.5");
        await player.SeekAsync(FilmSeconds - 3);
        await player.PlayAsync();
        await player.UntilAsync("video.ended");

        (await Page.EvaluateAsync<bool>("() => globalThis.stillHere === true")).ShouldBeTrue("the page was not loaded anew");
        Guard.Requests.Where(r => r.EndsWith(".m4s", StringComparison.Ordinal)).Select(r => r.Split('/')[3]).Distinct().Count().ShouldBe(1);
    }

    private async Task<int> SendAsync(int from, double share)
    {
        var to = share >= 0.99 ? _film.Length : (int)(_film.Length * share);
        using var answer = await _tus.PatchAsync(_path, from, _film[from..to]);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        return to;
    }
}
