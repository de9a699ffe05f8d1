using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Publishing from the library, to a folder and to a node of Pipe KV, and what becomes of it on the pages of what is published.</summary>
public sealed class PublishPageTests(BrowserSuite suite) : BrowserTest(suite)
{
    private readonly DirectoryInfo _web = Directory.CreateTempSubdirectory("sluice-web-");
    private KvNode _node = null!;
    private SluiceServer _server = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _node = await KvNode.StartAsync();
        _server = await StartAsync(guarded: false);
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);
        _web.Delete(recursive: true);
    }

    [Fact]
    public async Task A_title_is_published_played_from_there_and_taken_away()
    {
        await Suite.PublishAsync(_server, MediaFiles.Film);
        await OpenAsync("/", _server);
        await At("to-publish").ClickAsync();
        await Assertions.Expect(Place("kv").GetByTestId("publish-line")).ToHaveTextAsync("Not published here.");

        foreach (var target in (string[])["kv", "web"])
        {
            await Place(target).GetByTestId("publish").ClickAsync();
            await Assertions.Expect(Place(target)).ToHaveAttributeAsync("data-state", "published");
        }

        await Assertions.Expect(Place("web").GetByTestId("publish-entrances")).ToContainTextAsync("master.m3u8");
        await Place("kv").GetByTestId("publish-watch").ClickAsync();
        await Page.WaitForURLAsync("**/published?name=film_*");
        var player = new Player(Page, "hls");
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(640, 360);
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("film");
        await Assertions.Expect(At("read-node")).ToHaveCountAsync(1);
        await Assertions.Expect(At("read-last")).ToContainTextAsync("ms");

        await OpenAsync("/", _server);
        await Assertions.Expect(At("published-link")).ToHaveTextAsync("film");
        await At("to-publish").ClickAsync();
        foreach (var target in (string[])["web", "kv"])
        {
            await Place(target).GetByTestId("unpublish").ClickAsync();
            await Assertions.Expect(Place(target).GetByTestId("publish-consequence"))
                .ToContainTextAsync(target == "kv" ? "This place removes no files" : "Its files are removed there");
            await Place(target).GetByTestId("unpublish-yes").ClickAsync();
            await Assertions.Expect(Place(target)).ToHaveAttributeAsync("data-state", target == "kv" ? "unlisted" : "none");
        }

        await Assertions.Expect(Place("kv").GetByTestId("publish-reason")).ToContainTextAsync("cannot remove files");
        _web.EnumerateFiles("*.m4s", SearchOption.AllDirectories).ShouldBeEmpty();
        await At("publish-close").ClickAsync();
        await Assertions.Expect(At("publish-dialog")).ToHaveCountAsync(0);
        await Assertions.Expect(At("to-publish")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task The_next_one_follows_and_the_last_one_stays()
    {
        await PublishAsync(MediaFiles.Film, "first");
        await PublishAsync(MediaFiles.Film, "Zweiter. Teil 2 (é)");
        await OpenAsync("/published", _server);
        await Assertions.Expect(At("published-item")).ToContainTextAsync(["Zweiter. Teil 2 (é)", "first"]);
        await At("published-item").First.ClickAsync();
        var player = new Player(Page, "hls");
        await player.PlaysOnAsync();
        await Assertions.Expect(At("published-next")).ToContainTextAsync("first");

        await player.SeekAsync(await player.DurationAsync() - 0.5);
        await Page.WaitForURLAsync("**/published?name=first_*");
        await player.PlaysOnAsync();
        await Assertions.Expect(At("published-item").Last).ToHaveAttributeAsync("aria-current", "true");
        await Assertions.Expect(At("published-next")).ToHaveTextAsync("The last one.");
        await player.SeekAsync(await player.DurationAsync() - 0.5);
        await player.UntilAsync("video.ended");
        Page.Url.ShouldContain("/published?name=first_");
    }

    [Fact]
    public async Task Whoever_has_no_key_watches_and_is_not_told_how_the_store_does()
    {
        var guarded = await StartAsync(guarded: true);
        await PublishAsync(MediaFiles.Film, "film");
        Guard.Expect("status of 401");
        await OpenAsync("/published", guarded);
        await At("published-item").ClickAsync();
        await new Player(Page, "hls").PlaysOnAsync();
        await Assertions.Expect(At("read-latencies")).ToHaveCountAsync(0);
        await Assertions.Expect(At("key-form")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_fails_is_said_in_sentences()
    {
        Guard.Expect("status of 4");
        Guard.Expect("status of 5");
        await OpenAsync("/published?name=gone_1700000000000.m3u8", _server);
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("Nothing is published under this name.");
        await Assertions.Expect(At("published-empty")).ToBeVisibleAsync();

        await Suite.PublishAsync(_server, MediaFiles.Film);
        await OpenAsync("/", _server);
        await At("to-publish").ClickAsync();
        foreach (var _ in Enumerable.Range(0, 20))
        {
            _node.Statuses.Enqueue(401);
        }

        await Place("kv").GetByTestId("publish").ClickAsync();
        await Assertions.Expect(Place("kv")).ToHaveAttributeAsync("data-state", "failed");
        await Assertions.Expect(Place("kv").GetByTestId("publish-reason")).ToContainTextAsync("It does not take the key");
        _node.Statuses.Clear();

        (await _server.Http.DeleteAsync($"/api/v1/media/{await IdAsync()}")).EnsureSuccessStatusCode().Dispose();
        await Place("web").GetByTestId("publish").ClickAsync();
        await Assertions.Expect(Place("web").GetByTestId("publish-refused")).ToHaveAttributeAsync("data-code", "media-unknown");

        await _node.StopAsync();
        await OpenAsync("/", _server);
        await Assertions.Expect(At("published-problem")).ToContainTextAsync("What is published is not known.");
        await OpenAsync("/published", _server);
        await Assertions.Expect(At("published-failed")).ToContainTextAsync("cannot be asked now");
    }

    [Fact]
    public async Task Published_again_it_keeps_its_form()
    {
        var id = (await Suite.PublishAsync(_server, MediaFiles.Showcase)).Text("id");
        await PublishedAsync(id, """{"target": "web", "form": "ts"}""");
        await OpenAsync("/", _server);
        await At("to-publish").ClickAsync();
        await Assertions.Expect(Place("web")).ToContainTextAsync("HLS in MPEG-TS");
        await Assertions.Expect(Place("web").GetByTestId("publish")).ToHaveTextAsync("Publish again");
        await Place("web").GetByTestId("publish").ClickAsync();
        await Assertions.Expect(Place("web").GetByTestId("publish")).ToBeEnabledAsync();
        await Assertions.Expect(Place("web")).ToHaveAttributeAsync("data-state", "published");
        await Assertions.Expect(Place("web").GetByTestId("publish-refused")).ToHaveCountAsync(0);
        _web.EnumerateFiles("*.ts").ShouldNotBeEmpty();
        _web.EnumerateFiles("*.m4s", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_place_the_dialog_says_how_to_name_one()
    {
        var plain = await StartServerAsync();
        await Suite.PublishAsync(plain, MediaFiles.Tone);
        await OpenAsync("/", plain);
        await At("to-publish").ClickAsync();
        await Assertions.Expect(At("publish-nowhere")).ToContainTextAsync("publish.targets");
        await Assertions.Expect(At("published-shelf")).ToHaveCountAsync(0);
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("publish-dialog")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task All_of_it_fits_and_can_be_read(ColorScheme scheme, int width)
    {
        await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await Page.SetViewportSizeAsync(width, 844);
        await PublishAsync(MediaFiles.Film, "A long name of a film that does not fit into one line of a telephone, in two parts_and without spaces in the second");
        await PublishAsync(MediaFiles.Film, "海");
        await OpenAsync("/published", _server);
        await At("published-item").First.ClickAsync();
        await new Player(Page, "hls").PlaysOnAsync();
        await Assertions.Expect(At("read-node")).ToHaveCountAsync(1);
        await LookAsync("published", scheme, width);

        await OpenAsync("/", _server);
        await Assertions.Expect(At("published-link")).ToHaveCountAsync(2);
        await LookAsync("published-shelf", scheme, width);
        await At("to-publish").First.ClickAsync();
        await Place("web").GetByTestId("publish").ClickAsync();
        await Assertions.Expect(Place("web")).ToHaveAttributeAsync("data-state", "published");
        await Place("kv").GetByTestId("unpublish").ClickAsync();
        await LookAsync("publish", scheme, width);
        (await new PageLook(Page).TabThroughAsync(10)).ShouldContain("publish-close");
    }

    /// <summary>A picture for people, and what a machine sees of it.</summary>
    private async Task LookAsync(string name, ColorScheme scheme, int width)
    {
        await Page.ScreenshotAsync(new() { Path = RepositoryRoot.File($"artifacts/test/browser/{name}-{scheme}-{width}.png"), FullPage = true });
        await new PageLook(Page).ShouldFitAsync(width);
        await Axe.ShouldFindNothingAsync(Page, name);
        await new PageLook(Page).ShouldBeReadableAsync(scheme);
    }

    private ILocator Place(string target) => Page.Locator($"[data-testid=publish-place][data-target={target}]");

    /// <summary>A server that may publish to the folder and to the node. Its jobs go on in real time.</summary>
    private Task<SluiceServer> StartAsync(bool guarded) => StartServerAsync(
        guarded,
        builder => builder.Services.AddSingleton(TimeProvider.System),
        options =>
        {
            _node.Configure(options);
            options.Pipekv.AllowedReferers = ["player.example"]; // The pages of the server itself may always.
            options.Publish.Targets = new Dictionary<string, string> { ["kv"] = "pipekv://" + _node.Url.Authority, ["web"] = _web.FullName };
        });

    /// <summary>Publishes a film to the node under a name of its own.</summary>
    private async Task PublishAsync(string film, string name)
    {
        var copy = Path.Combine(Directory.CreateTempSubdirectory("sluice-named-").FullName, name + ".mp4");
        File.Copy(await Suite.Films.PathOfAsync(film), copy);
        using var uploaded = await _server.UploadFileAsync(copy);
        uploaded.EnsureSuccessStatusCode();
        var id = (await uploaded.JsonAsync()).Text("id");
        Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        await PublishedAsync(id, """{"target": "kv"}""");
    }

    /// <summary>Publishes a title to the end.</summary>
    private async Task PublishedAsync(string id, string json)
    {
        using var asked = await _server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/publish", json: json);
        asked.EnsureSuccessStatusCode();
        (await Eventually.Holds(async () =>
        {
            using var answer = await _server.Http.GetAsync($"/api/v1/media/{id}/publish");
            return (await answer.JsonAsync()).GetProperty("items")[0].Text("state") == "published";
        })).ShouldBeTrue();
    }

    private async Task<string> IdAsync()
    {
        using var answer = await _server.Http.GetAsync("/api/v1/media");
        return (await answer.JsonAsync()).GetProperty("items")[0].Text("id");
    }
}
