using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Many titles published together from the library: what is told of each, and of all.</summary>
public sealed class PublishManyTests(BrowserSuite suite) : BrowserTest(suite)
{
    private readonly DirectoryInfo _places = Directory.CreateTempSubdirectory("sluice-places-");

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _places.Delete(recursive: true);
    }

    [Fact]
    public async Task All_that_can_be_are_published_and_of_the_others_it_is_told_why_not()
    {
        Guard.Expect("status of 409");
        var server = await StartAsync("web", "mirror");
        await Suite.PublishAsync(server, MediaFiles.Film, "/api/v1/media?title=One");
        await Suite.PublishAsync(server, MediaFiles.Tone, "/api/v1/media?title=Two");
        await Suite.PublishAsync(server, MediaFiles.ProRes, "/api/v1/media?title=Raw");
        await OpenAsync("/", server);
        await At("select").First.FocusAsync();
        await Page.Keyboard.PressAsync("Space");
        await At("select").Last.ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Assertions.Expect(At("selected-count")).ToHaveTextAsync("3 selected");

        // Without a mouse from here on.
        await At("publish-selected").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("publish-many").GetByRole(AriaRole.Heading).First).ToHaveTextAsync("Publish 3 titles");
        await Assertions.Expect(At("publish-many-go")).ToHaveTextAsync("Publish all");
        await At("publish-many-place").SelectOptionAsync("mirror");
        await At("publish-many-place").FocusAsync();
        await Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(At("publish-many-go")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(At("publish-many-line")).ToHaveTextAsync("2 of 3 published on mirror.");
        await Assertions.Expect(Row("One")).ToHaveAttributeAsync("data-state", "published");
        await Assertions.Expect(Row("Two")).ToHaveAttributeAsync("data-state", "published");
        await Assertions.Expect(Row("Raw").GetByTestId("publish-many-refused")).ToHaveAttributeAsync("data-code", "media-not-ready");
        await Assertions.Expect(At("publish-many-go")).ToHaveTextAsync("Publish 1 more");
        Directory.EnumerateFiles(Place("mirror"), "master.m3u8", SearchOption.AllDirectories).Count().ShouldBe(2);
(!Directory.Exists(Place("web")) || !Directory.EnumerateFileSystemEntries(Place("web")).Any()).ShouldBeTrue("nothing was asked for there");

        // What is there already is not sent again.
        var written = File.GetLastWriteTimeUtc(Directory.EnumerateFiles(Place("mirror"), "master.m3u8", SearchOption.AllDirectories).First());
        await At("publish-many-go").ClickAsync();
        await Assertions.Expect(At("publish-many-go")).ToBeEnabledAsync();
        File.GetLastWriteTimeUtc(Directory.EnumerateFiles(Place("mirror"), "master.m3u8", SearchOption.AllDirectories).First()).ShouldBe(written);

        await At("publish-many-place").SelectOptionAsync("web");
        await Assertions.Expect(At("publish-many-line")).ToHaveTextAsync("0 of 3 published on web.");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("publish-many")).ToHaveCountAsync(0);
        await Assertions.Expect(At("publish-selected")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_title_that_goes_meanwhile_holds_up_no_other()
    {
        Guard.Expect("status of 404");
        var server = await StartAsync("web");
        await Suite.PublishAsync(server, MediaFiles.Film, "/api/v1/media?title=One");
        var gone = await Suite.PublishAsync(server, MediaFiles.Tone, "/api/v1/media?title=Gone");
        await OpenAsync("/", server);
        await At("select").First.CheckAsync();
        await At("select").Last.CheckAsync();
        await At("publish-selected").ClickAsync();
        await Assertions.Expect(At("publish-many-line")).ToHaveTextAsync("0 of 2 published on web.");
        (await server.Http.DeleteAsync($"/api/v1/media/{gone.Text("id")}")).EnsureSuccessStatusCode().Dispose();
        await At("publish-many-go").ClickAsync();
        await Assertions.Expect(Row("Gone").GetByTestId("publish-many-refused")).ToHaveAttributeAsync("data-code", "media-unknown");
        await Assertions.Expect(Row("One")).ToHaveAttributeAsync("data-state", "published");
    }

    [Fact]
    public async Task Without_a_place_it_is_said_how_to_name_one()
    {
        var server = await StartAsync();
        await Suite.PublishAsync(server, MediaFiles.Film);
        await Suite.PublishAsync(server, MediaFiles.Tone);
        await OpenAsync("/", server);
        await At("select").First.CheckAsync();
        await At("select").Last.CheckAsync();
        await At("publish-selected").ClickAsync();
        await Assertions.Expect(At("publish-nowhere")).ToContainTextAsync("publish.targets");
        await Assertions.Expect(At("publish-many-go")).ToHaveCountAsync(0);
    }

    private ILocator Row(string title) =>
        At("publish-many-item").Filter(new() { HasTextRegex = new Regex($"^\\s*{title}\\b", RegexOptions.None, TimeSpan.FromSeconds(1)) });

    private string Place(string name) => Path.Combine(_places.FullName, name);

    /// <summary>A server that may publish to these folders. Its jobs go on in real time.</summary>
    private Task<SluiceServer> StartAsync(params string[] places) => StartServerAsync(
        configure: builder => builder.Services.AddSingleton(TimeProvider.System),
        options: options => options.Publish.Targets = places.ToDictionary(name => name, Place));
}
