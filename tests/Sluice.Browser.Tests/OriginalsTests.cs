using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A title that is offered both encoded and as it is plays in Chromium by either player, which choose what they play.</summary>
public sealed class OriginalsTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Theory]
    [InlineData("hls", MediaFiles.Opus, "")]
    [InlineData("dash", MediaFiles.Opus, "")]
    [InlineData("hls", MediaFiles.LightAac, "a1")]
    [InlineData("dash", MediaFiles.LightAac, "a1")]
    [InlineData("hls", MediaFiles.HevcFlac, "")]
    [InlineData("dash", MediaFiles.HevcFlac, "")]
    public async Task It_plays_to_its_end_by_the_players_of_somebody_else(string kind, string film, string sound)
    {
        Guard.Expect("status of 503");
        var media = await PublishedAsItIsTooAsync(film);
        await using var site = await ForeignSite.StartAsync();
        Guard.Trust(site.Address);
        await Page.GotoAsync(site.Page(kind, media.GetProperty("playback").GetProperty(kind).GetString()!));
        var player = new Player(Page, "elsewhere");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHoldAllAsync(12);
        await player.ShouldHavePicturesAsync();
        await player.SeekAsync(11);
        await player.PlayAsync();
        await player.UntilAsync("video.ended");

        var segments = Guard.Requests.Where(r => r.EndsWith(".m4s", StringComparison.Ordinal)).ToList();
        var tracks = segments.Select(s => s.Split('/')[^2]).Distinct().ToList();
        var sounds = tracks.FindAll(t => t.StartsWith('a'));
        sounds.ShouldNotBeEmpty();
        sounds.ShouldAllBe(t => t.StartsWith(sound, StringComparison.Ordinal));
        TestContext.Current.SendDiagnosticMessage($"{kind} {film}: {string.Join(' ', tracks)}");
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task Its_sound_is_heard_on_the_watch_page(string kind)
    {
        Guard.Expect("status of 503");
        var media = await PublishedAsItIsTooAsync(MediaFiles.Opus);
        await Page.GotoAsync(media.GetProperty("playback").GetProperty("watch").GetString()!);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.ListenAsync();
        await player.PlayAsync();
        await player.HearsAsync(440);
        await player.ShouldHoldAllAsync(12);
    }

    /// <summary>Uploads a film and waits until its originals are offered.</summary>
    private async Task<JsonElement> PublishedAsItIsTooAsync(string film)
    {
        var server = await StartEncodingServerAsync();
        var media = await Suite.PublishAsync(server, film);
        (await Eventually.Holds(
            async () => (await server.Http.GetFromJsonAsync<JsonElement>($"/api/v1/media/{media.GetProperty("id").GetString()}"))
                .GetProperty("renditions").EnumerateArray().Any(r => !r.GetProperty("isEncoded").GetBoolean()))).ShouldBeTrue();
        return media;
    }
}
