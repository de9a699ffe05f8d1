using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Sluice.Server.Transcode.Extras;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Both players show subtitles at the right time; pages show posters.</summary>
public sealed class SubtitleTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const string Srt = "1\n00:00:05,000 --> 00:00:07,000\nAt <b>five</b>\n\n2\n00:00:20,000 --> 00:00:22,500\nAt twenty\n";

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task Cues_appear_at_their_time(string kind)
    {
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.Film);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(Srt)), "subtitles", "a.srt" } };
        form.Add(new StringContent("en"), "language");
        using var added = await server.Http.PostAsync($"/api/v1/media/{media.GetProperty("id").GetString()}/subtitles", form);
        added.EnsureSuccessStatusCode();

        await OpenAsync(media.GetProperty("playback").GetProperty("watch").GetString()!, server);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.UntilAsync("[...video.textTracks].some(track => track.kind === 'subtitles' && track.language === 'en')");

        // Two frames of reordering come on top in hls.js (docs/adr/0003-timestamps.md), of sound and picture alike.
        await ShouldShowAsync(player, 5, "At five");
        await ShouldShowAsync(player, 20, "At twenty");
        await player.SeekAsync(12);
        await player.UntilAsync("[...video.textTracks].every(track => (track.activeCues?.length ?? 0) === 0)");
    }

    [Fact]
    public async Task Posters_are_in_the_library_and_before_the_film_plays()
    {
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.Film);
        await MakeExtrasAsync(server, media);

        await OpenAsync("/", server);
        await Assertions.Expect(At("poster")).ToBeVisibleAsync();
        (await At("poster").EvaluateAsync<int>("async img => { await img.decode(); return img.naturalWidth; }")).ShouldBe(640);

        await OpenAsync(media.GetProperty("playback").GetProperty("watch").GetString()!, server);
        (await At("player-hls").GetAttributeAsync("poster")).ShouldNotBeNull().ShouldContain("/poster.jpg?token=");
    }

    private static async Task ShouldShowAsync(Player player, double seconds, string text)
    {
        await player.SeekAsync(seconds + 1);
        await player.ShowsCueAsync(text, string.Create(CultureInfo.InvariantCulture, $"cue.startTime >= {seconds - 0.01} && cue.startTime < {seconds + 0.15}"));
    }

    private static async Task MakeExtrasAsync(SluiceServer server, JsonElement media)
    {
        var id = AssetId.Parse(media.GetProperty("id").GetString()!, CultureInfo.InvariantCulture);
        var services = server.App.Services;
        var catalog = services.GetRequiredService<IWorkCatalog>();
        var jobs = await catalog.ListJobsAsync(id, null, 10, default);
        var job = jobs.FirstOrDefault(j => j.Kind == JobKind.Extras)
            ?? (await catalog.AddJobsAsync(id, [ExtrasJob.For()], server.Clock.GetUtcNow(), default)).ShouldHaveSingleItem();
        server.Clock.Advance(NewTask.Beside().Delay);
        services.GetRequiredService<IJobQueue>().Announce(Urgency.Background);
        (await Eventually.Holds(async () => (await catalog.FindJobAsync(job.Id, default))?.FinishedAt is not null)).ShouldBeTrue();
        (await catalog.FindJobAsync(job.Id, default))!.Reason.ShouldBeNull();
    }
}
