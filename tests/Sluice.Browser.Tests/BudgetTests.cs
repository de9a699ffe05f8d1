using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>What a first visit loads of the app, gzipped. The player is not among it: the libraries that play, and their controls.</summary>
public sealed partial class BudgetTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const int MostBytes = 150_000;

    [Theory]
    [InlineData("/", "dropzone")]
    [InlineData("/upload", "choose-folder")]
    [InlineData("/admin", "overview")]
    [InlineData("/channels", "channel-form")]
    [InlineData("/sessions", "session-url")]
    [InlineData("/published", "published-page")]
    public async Task A_first_visit_is_small(string path, string there)
    {
        var loaded = await VisitAsync(path, there);
        loaded.ShouldNotContain(file => Player().IsMatch(file), "nothing plays here");
        await ShouldBeSmallAsync(path, loaded);
    }

    [Theory]
    [InlineData("/watch/{id}", "share")]
    [InlineData("/embed/{id}?token={token}", "embed")]
    [InlineData("/sessions/{session}", "session-viewers")]
    public async Task A_first_visit_is_small_before_the_player(string path, string there)
    {
        var server = await StartServerAsync();
        var film = await Suite.PublishAsync(server, MediaFiles.Film);
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{film.Text("id")}}"}""");
        var session = (await begun.JsonAsync()).Text("id");
        var address = path.Replace("{id}", film.Text("id"), StringComparison.Ordinal).Replace("{session}", session, StringComparison.Ordinal)
            .Replace("{token}", film.GetProperty("playback").Text("token"), StringComparison.Ordinal);
        var loaded = await VisitAsync(address, there, server);
        await new Player(Page, "hls").ReadyAsync();
        loaded.ShouldContain(file => Player().IsMatch(file), "its files are called otherwise now");
        await ShouldBeSmallAsync(path, loaded.Where(file => !Player().IsMatch(file)), server);
    }

    /// <summary>The page's document and every file of the app that came with it, as they were asked for; more may come.</summary>
    private async Task<IEnumerable<string>> VisitAsync(string path, string there, SluiceServer? server = null)
    {
        var loaded = new ConcurrentQueue<string>();
        Page.Request += (_, request) =>
        {
            if (request.IsNavigationRequest || new Uri(request.Url).AbsolutePath.StartsWith("/assets/", StringComparison.Ordinal))
            {
                loaded.Enqueue(request.Url);
            }
        };
        await OpenAsync(path, server);
        await Assertions.Expect(At(there)).ToBeVisibleAsync();
        await Page.WaitForLoadStateAsync(LoadState.Load);
        return loaded;
    }

    private async Task ShouldBeSmallAsync(string page, IEnumerable<string> files, SluiceServer? server = null)
    {
        var sizes = new Dictionary<string, int>();
        foreach (var file in files.Distinct())
        {
            sizes[file] = await GzippedAsync((server ?? Suite.Server).Http, file);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{page}: {sizes.Values.Sum():N0} bytes in {sizes.Count} files");
        sizes.Count.ShouldBeGreaterThan(2);
        sizes.Values.Sum().ShouldBeInRange(10_000, MostBytes, string.Join('\n', sizes));
    }

    /// <summary>As it is sent to somebody who takes gzip and nothing better; what is not worth it comes as it is.</summary>
    private static async Task<int> GzippedAsync(HttpClient client, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using var answer = await client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var bytes = (await answer.Content.ReadAsByteArrayAsync()).Length;
        if (bytes > 2000)
        {
            answer.Content.Headers.ContentEncoding.ShouldBe(["gzip"], url);
        }

        return bytes;
    }

    [GeneratedRegex(@"/assets/(hls|dash|live|chrome|hls\.worker)-[\w-]+\.js$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Player();
}
