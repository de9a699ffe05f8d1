using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>What a server that has something to do tells its operator, as in <see cref="AppearanceTests"/>. The pictures are kept in <c>artifacts/test/admin</c>.</summary>
public sealed class AdminAppearanceTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const string Hostile = "<img src=x onerror=alert(1)> مرحبا بالعالم";

    private const int Samples = 60;

    /// <summary>More than are worked on at once.</summary>
    private const int Queued = 6;

    [Fact]
    public async Task Viewers_and_throughput_of_a_while()
    {
        var server = await StartServerAsync();
        var film = await Suite.PublishAsync(server, MediaFiles.Film);
        var part = await PartOfAsync(server, film.GetProperty("playback").Text("hls"));
        for (var sample = 0; sample < Samples; sample++)
        {
            for (var viewer = 0; viewer < 3 + (int)(3 * Math.Sin(sample / 9.0)); viewer++)
            {
                using var seen = await server.SendAsync(HttpMethod.Get, part, headers: ("User-Agent", $"viewer {viewer}"));
                seen.EnsureSuccessStatusCode();
            }

            server.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        await Page.Clock.InstallAsync(new() { TimeDate = server.Clock.GetUtcNow().UtcDateTime });
        await OpenAsync("/admin", server);
        await Assertions.Expect(At("viewers-now")).Not.ToHaveTextAsync("0");
        await Assertions.Expect(At("throughput-chart").Locator("canvas")).ToBeVisibleAsync();
        await LookAsync("overview");
    }

    [Fact]
    public async Task Jobs_in_every_state()
    {
        var held = new HeldWork();
        await using var work = new WorkServer(await StartServerAsync(configure: WorkServer.With(held)), held);
        var film = await Suite.PublishAsync(work.Server, MediaFiles.Film, "/api/v1/media?title=" + Uri.EscapeDataString(Hostile));
        var tone = await Suite.PublishAsync(work.Server, MediaFiles.Tone);
        var failed = await work.BeginAsync(tone);
        await work.EndAsync(failed, TaskResult.Failed("The file ends in the middle.", mayRetry: false));
        await work.UntilAsync(failed, JobState.Failed);
        var done = await work.BeginAsync(tone);
        await work.EndAsync(done, TaskResult.Done);
        await work.UntilAsync(done, JobState.Done);
        var paused = await work.BeginAsync(tone);
        using var asked = await work.Server.SendAsync(HttpMethod.Post, $"/api/v1/jobs/{paused.Id}/pause");
        asked.EnsureSuccessStatusCode();
        await work.UntilAsync(paused, JobState.Paused);
        var running = await work.BeginAsync(film);
        await work.AddAsync(film, Queued);

        await OpenAsync("/admin#jobs", work.Server);
        await Assertions.Expect(At("job-item")).ToHaveCountAsync(4 + Queued);
        await work.ReportAsync(running, 0.43, 2.4, 170);
        await Assertions.Expect(At("job-line").Filter(new() { HasText = "43 %" })).ToBeVisibleAsync();
        await Assertions.Expect(At("job-line").Filter(new() { HasText = "waiting" }).First).ToBeVisibleAsync();
        await LookAsync("jobs");
    }

    [Fact]
    public async Task How_a_title_played()
    {
        var server = await StartServerAsync();
        var film = await Suite.PublishAsync(server, MediaFiles.Film, "/api/v1/media?title=" + Uri.EscapeDataString(Hostile));
        await TellAsync(server, film, 45);
        await OpenAsync("/", server);
        await At("toggle-tracks").ClickAsync();
        await Assertions.Expect(At("experience-chart").Locator("rect")).ToHaveCountAsync(45);
        await Assertions.Expect(At("experience-chart").Locator("rect.stalled").First).ToBeVisibleAsync();
        await Assertions.Expect(At("experience-chart").Locator("rect.failed").First).ToBeVisibleAsync();
        await Assertions.Expect(At("experience")).ToContainTextAsync("Failed 3");
        await LookAsync("experience");
    }

    /// <summary>The address of the first part of the picture.</summary>
    private static async Task<string> PartOfAsync(SluiceServer server, string playlist)
    {
        var at = new Uri(server.Http.BaseAddress!, playlist);
        foreach (var ending in (string[])[".m3u8", ".m4s"])
        {
            var lines = (await server.Http.GetStringAsync(at)).Split('\n');
            at = new Uri(at, lines.First(line => !line.StartsWith('#') && line.Contains(ending, StringComparison.Ordinal)));
        }

        return at.PathAndQuery;
    }

    /// <summary>So many playbacks were told of: each seventh stalled, each fifteenth failed and showed nothing.</summary>
    private static async Task TellAsync(SluiceServer server, JsonElement film, int count)
    {
        var catalog = server.App.Services.GetRequiredService<IPlaybackCatalog>();
        var id = AssetId.Parse(film.Text("id"), null);
        for (var n = 0; n < count; n++)
        {
            var fails = n % 15 == 14;
            await catalog.AddPlaybackAsync(
                new PlaybackRow(
                    id, server.Clock.GetUtcNow().AddMinutes(n - count), n % 3 == 0 ? "dash" : "hls", fails ? null : 240 + (n * 37 % 500), fails ? 0 : 30 + n,
                    n % 7 == 6 ? 2 : 0, n % 7 == 6 ? 900 : 0, n % 4, 0, fails ? "network" : null), TestContext.Current.CancellationToken);
        }
    }

    private Task LookAsync(string name) => new PageLook(Page).ShouldBeFitEverywhereAsync("admin/" + name);
}
