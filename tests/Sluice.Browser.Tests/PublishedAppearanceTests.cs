using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The pages of what is published, as in <see cref="AppearanceTests"/>. The pictures are kept in <c>artifacts/test/published</c>.</summary>
public sealed class PublishedAppearanceTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task Nothing_a_list_a_film_and_a_name_that_is_gone()
    {
        Guard.Expect("status of 404");
        await using var node = await KvNode.StartAsync();
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options =>
            {
                node.Configure(options);
                options.Publish.Targets = new Dictionary<string, string> { ["kv"] = "pipekv://" + node.Url.Authority };
            });
        await OpenAsync("/published", server);
        await Assertions.Expect(At("published-empty")).ToBeVisibleAsync();
        await LookAsync("empty");

        await PublishAsync(server, MediaFiles.Film);
        await PublishAsync(server, MediaFiles.Showcase);
        await OpenAsync("/published", server);
        await Assertions.Expect(At("published-item")).ToHaveCountAsync(2);
        await LookAsync("list");

        await At("published-item").Filter(new() { HasText = "Voyage" }).ClickAsync();
        var player = new Player(Page, "hls");
        await player.PlaysOnAsync();
        await player.PauseAsync();
        await player.SeekAsync(3);
        await player.UntilAsync("!video.seeking");
        await Assertions.Expect(At("read-last")).ToContainTextAsync("ms");
        await LookAsync("film");

        await OpenAsync("/published?name=gone_1700000000000.m3u8", server);
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("Nothing is published under this name.");
        await LookAsync("gone");
    }

    private async Task PublishAsync(SluiceServer server, string film)
    {
        var id = (await Suite.PublishAsync(server, film)).Text("id");
        using var asked = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/publish", json: """{"target": "kv"}""");
        asked.EnsureSuccessStatusCode();
        (await Eventually.Holds(async () =>
        {
            using var answer = await server.Http.GetAsync($"/api/v1/media/{id}/publish");
            return (await answer.JsonAsync()).GetProperty("items")[0].Text("state") == "published";
        })).ShouldBeTrue(film);
    }

    private Task LookAsync(string name) => new PageLook(Page).ShouldBeFitEverywhereAsync("published/" + name);
}
