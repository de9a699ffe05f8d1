using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Every page that the server has, used under its policy: nothing inline, nothing evaluated, no word on the console.</summary>
public sealed class PagePolicyTests(BrowserSuite suite, SharedLiveOrigin live) : BrowserTest(suite), IClassFixture<SharedLiveOrigin>
{
    /// <summary>Breaches are told to the page, wherever in it they happen; from there they come to the guard.</summary>
    private const string Tell = "addEventListener('securitypolicyviolation', breach => console.error(`policy: ${breach.violatedDirective} ${breach.blockedURI}`))";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Page.AddInitScriptAsync(Tell);
    }

    [Fact]
    public async Task Every_page_works_with_nothing_inline_and_says_nothing_on_the_console()
    {
        await using var node = await KvNode.StartAsync();
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options =>
            {
                options.Outbound.Allow = ["127.0.0.1/32"];
                node.Configure(options);
                options.Publish.Targets = new Dictionary<string, string> { ["kv"] = "pipekv://" + node.Url.Authority };
            });
        var film = await Suite.PublishAsync(server, MediaFiles.Film);
        var id = film.Text("id");
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{id}}"}""");
        var session = (await begun.JsonAsync()).Text("id");
        using var added = await server.SendAsync(HttpMethod.Put, "/api/v1/channels/news", json: JsonSerializer.Serialize(new { urls = live.Url }));
        using var published = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/publish", json: """{"target": "kv"}""");
        foreach (var answer in (HttpResponseMessage[])[begun, added, published])
        {
            answer.EnsureSuccessStatusCode();
        }

        // By the path as it is mapped: where one of them is, and what its visitor does there.
        var visits = new Dictionary<string, (string Address, Func<Task> Use)>
        {
            ["/"] = ("/", async () =>
            {
                await At("toggle-tracks").ClickAsync();
                await Assertions.Expect(At("experience")).ToBeVisibleAsync();
            }),
            ["/upload"] = ("/upload", async () =>
            {
                await At("file-input").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Tone));
                await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "done");
            }),
            ["/admin"] = ("/admin", async () =>
            {
                foreach (var (tab, there) in ((string, string)[])[("overview", "throughput-chart"), ("jobs", "job-item"), ("checks", "check"), ("settings", "setting"), ("audit", "audit-entry")])
                {
                    await At("tab-" + tab).ClickAsync();
                    await Assertions.Expect(At(there).First).ToBeVisibleAsync();
                }
            }),
            ["/watch/{id}"] = ($"/watch/{id}", async () =>
            {
                await At("mode-both").ClickAsync();
                await new Player(Page, "dash").ReadyAsync();
                await PlaysAsync("hls");
                await Assertions.Expect(At("buffer-chart-dash").Locator("canvas")).ToBeVisibleAsync();
                await At("player-gear").First.ClickAsync();
                await At("statistics-toggle").CheckAsync();
                await At("share").ClickAsync();
                await At("share-make").ClickAsync();
                await Assertions.Expect(At("share-qr")).ToBeVisibleAsync();
            }),
            ["/embed/{id}"] = ($"/embed/{id}?token={film.GetProperty("playback").Text("token")}", () => PlaysAsync("hls")),
            ["/channels"] = ("/channels", () => At("channel-details").ClickAsync()),
            ["/channels/{name}"] = ("/channels/news", () => PlaysAsync("player-live")),
            ["/sessions"] = ("/sessions", () => Assertions.Expect(At("session-item")).ToBeVisibleAsync()),
            ["/sessions/{session}"] = ($"/sessions/{session}", async () =>
            {
                await PlaysAsync("hls");
                await Assertions.Expect(At("room-member")).ToHaveCountAsync(1);
            }),
            ["/published"] = ("/published", async () =>
            {
                await At("published-item").ClickAsync();
                await PlaysAsync("hls");
            }),
            ["/docs"] = ("/docs", async () =>
            {
                var operation = Page.Locator(".opblock").Filter(new() { HasText = "/refresh-token/{id}" });
                await operation.Locator(".opblock-summary-control").ClickAsync();
                await Assertions.Expect(operation.GetByText("expiry_minutes").First).ToBeVisibleAsync();

                // As its style sheet has it, and as it styles by script.
                (await operation.EvaluateAsync<string>("block => getComputedStyle(block).borderTopLeftRadius")).ShouldBe("4px");
                await operation.GetByRole(AriaRole.Button, new() { Name = "Try it out" }).ClickAsync();
                await Assertions.Expect(operation.GetByRole(AriaRole.Button, new() { Name = "Execute" })).ToBeVisibleAsync();
            }),
        };
        visits.Keys.ShouldBe(["/", "/embed/{id}", "/docs", .. WebPages.Paths], ignoreOrder: true, "each page of the app is visited");
        foreach (var (page, (address, use)) in visits)
        {
            await VisitAsync(server, address, 200);
            await use();
            Guard.Faults.ShouldBeEmpty($"on {page}");
        }
    }

    [Fact]
    public async Task Pages_of_what_is_not_there_say_so_and_nothing_but_the_refusal_is_on_the_console()
    {
        var server = await StartServerAsync();
        Guard.Expect("Failed to load resource: the server responded with a status of 404");
        foreach (var address in (string[])
            ["/watch/nothing", "/embed/nothing", "/channels/nothing", "/sessions/nothing", "/published?name=nothing_1700000000000.m3u8"])
        {
            await VisitAsync(server, address, 200);
            await Assertions.Expect(Page.Locator("main")).ToContainTextAsync(new Regex("There is no such|does not exist any more|Nothing is published", RegexOptions.None, TimeSpan.FromSeconds(1)));
            Guard.Faults.ShouldBeEmpty($"on {address}");
        }
    }

    private async Task VisitAsync(SluiceServer server, string address, int status)
    {
        var answer = (await Page.GotoAsync(new Uri(server.Http.BaseAddress!, address).AbsoluteUri)).ShouldNotBeNull();
        answer.Status.ShouldBe(status, address);
        var policy = await answer.HeaderValueAsync("content-security-policy");
        policy.ShouldNotBeNull(address);
        policy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self'");
        policy.ShouldNotContain("unsafe", customMessage: address);
    }

    /// <summary>Plays for a moment, and rests.</summary>
    private async Task PlaysAsync(string kind)
    {
        var player = new Player(Page, kind);
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.PauseAsync();
    }
}
