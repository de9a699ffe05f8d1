using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A file whose name is markup and goes from right to left is text on every page that names it: for titles see <see cref="DialogAppearanceTests"/>.</summary>
public sealed class HostileNameTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const string Name = "<img src=x onerror=alert(1)> مرحبا بالعالم";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-named-");

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_is_text_wherever_it_stands()
    {
        await using var node = await KvNode.StartAsync();
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options =>
            {
                node.Configure(options);
                options.Publish.Targets = new Dictionary<string, string> { ["kv"] = "pipekv://" + node.Url.Authority };
            });
        var file = Path.Combine(_folder.FullName, Name + ".mp4");
        File.Copy(await Suite.Films.PathOfAsync(MediaFiles.Film), file);
        await OpenAsync("/upload", server);
        await At("file-input").SetInputFilesAsync(file);
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "done");
        await ShouldBeTextAsync(At("upload-title"));

        await OpenAsync("/", server);
        await ShouldBeTextAsync(At("watch-link"));
        await At("toggle-tracks").PressAsync("Enter");
        await ShouldBeTextAsync(At("details"));
        var id = (await At("library-item").GetAttributeAsync("data-id")).ShouldNotBeNull();
        await OpenAsync("/watch/" + id, server);
        await ShouldBeTextAsync(Page.GetByRole(AriaRole.Heading, new() { Level = 1 }));
        (await Page.TitleAsync()).ShouldStartWith(Name);

        using var asked = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/publish", json: """{"target": "kv"}""");
        asked.EnsureSuccessStatusCode();
        await OpenAsync("/admin#jobs", server);
        await ShouldBeTextAsync(At("job-item").First);
        using var revoked = await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}/tokens");
        await At("tab-audit").ClickAsync();
        await ShouldBeTextAsync(At("audit-entry").First);
        await OpenAsync("/published", server);
        await Assertions.Expect(At("published-item")).ToContainTextAsync("مرحبا بالعالم");
        await At("published-item").ClickAsync();
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("مرحبا بالعالم");
        await Assertions.Expect(Page.Locator("img[src=x]")).ToHaveCountAsync(0);

        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{id}}"}""");
        await Page.GotoAsync((await begun.JsonAsync()).Text("link"));
        await ShouldBeTextAsync(Page.GetByRole(AriaRole.Heading, new() { Level = 1 }));
        await At("room-name").FillAsync(Name[..30]);
        await At("room-name").PressAsync("Enter");
        await Assertions.Expect(At("room-member")).ToContainTextAsync(Name[..30]);
        await At("room-say").FillAsync(Name);
        await At("room-say").PressAsync("Enter");
        await ShouldBeTextAsync(At("room-line"));
    }

    private async Task ShouldBeTextAsync(ILocator place)
    {
        await Assertions.Expect(place).ToContainTextAsync(Name);
        await Assertions.Expect(Page.Locator("img[src=x]")).ToHaveCountAsync(0);
    }
}
