using System.Text.Json;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Publishing;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A published tree plays in a browser from a plain web server, without the one that made it.</summary>
public sealed class PublishedTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Theory]
    [InlineData("hls", "cmaf", "master.m3u8", ".m4s")]
    [InlineData("dash", "cmaf", "manifest.mpd", ".m4s")]
    [InlineData("hls", "ts", ".m3u8", ".ts")]
    public async Task A_tree_plays_from_somebodys_web_server(string kind, string form, string entrance, string segment)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-web-");
        try
        {
            var published = await PublishAsync(folder.FullName, form, entrance);
            await using var files = await StaticSite.StartAsync(folder.FullName);
            await using var site = await ForeignSite.StartAsync();
            Guard.Trust(files.Address);
            Guard.Trust(site.Address);
            await Page.GotoAsync(site.Page(kind, files.Of(published)));
            var player = new Player(Page, "elsewhere");
            await player.PlayAsync();
            await player.PlaysOnAsync();
            await player.ShouldHavePicturesAsync(640, 360);
            await player.ShouldHoldAllAsync(33);
            await player.SeekAsync(26);
            await player.PlaysOnAsync();
            Guard.Requests.ShouldContain(path => path.EndsWith(segment, StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Publishes the film; the server that did it is gone with the end of this.</summary>
    private async Task<string> PublishAsync(string folder, string form, string entrance)
    {
        await using var server = await BrowserSuite.StartServerAsync(
            options: o => o.Publish.Targets = new Dictionary<string, string> { ["web"] = folder });
        var id = (await Suite.PublishAsync(server, MediaFiles.Film)).Text("id");
        using var asked = await server.SendAsync(
            HttpMethod.Post, $"/api/v1/media/{id}/publish", json: $$"""{"target": "web", "form": "{{form}}"}""");
        asked.EnsureSuccessStatusCode();
        JsonElement last = default;
        (await Eventually.Holds(async () =>
        {
            using var answer = await server.Http.GetAsync($"/api/v1/media/{id}/publish");
            last = (await answer.JsonAsync()).GetProperty("items")[0];
            return last.Text("state") == "published";
        })).ShouldBeTrue(last.ToString());
        return last.GetProperty("entrances").EnumerateArray().Select(e => e.GetString()!).First(e => e.EndsWith(entrance, StringComparison.Ordinal));
    }
}
