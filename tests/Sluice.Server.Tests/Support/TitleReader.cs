using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;

namespace Sluice.Server.Tests.Support;

/// <summary>Reads a title as the holder of a link does: its playlists, and single renditions whole.</summary>
internal sealed partial class TitleReader(SluiceServer server, JsonElement media)
{
    /// <summary>The API's view when it had just come.</summary>
    public JsonElement AtFirst => media;

    /// <summary>Public name.</summary>
    public string Id { get; } = media.Text("id");

    private string Query { get; } = "?token=" + media.GetProperty("playback").Text("token");

    /// <summary>The API's view.</summary>
    public async Task<JsonElement> ViewAsync()
    {
        using var answer = await server.Http.GetAsync($"/api/v1/media/{Id}{Query}");
        return await answer.JsonAsync();
    }

    /// <summary>The multivariant playlist.</summary>
    public Task<string> MasterAsync() => server.Http.GetStringAsync($"/stream/{Id}/master.m3u8{Query}");

    /// <summary>The MPD.</summary>
    public Task<string> MpdAsync() => server.Http.GetStringAsync($"/stream/{Id}/manifest.mpd{Query}");

    /// <summary>Version and track of every media playlist that the multivariant one names, once.</summary>
    public static (string Version, string Track)[] TracksOf(string master) =>
        [.. Playlist().Matches(master).Select(m => (m.Groups["version"].Value, m.Groups["track"].Value)).Distinct()];

    /// <summary>Saves init segment and all segments of a rendition, waiting for those that are being made.</summary>
    public async Task<string> SaveAsync(string version, string track, string folder, IEnumerable<int>? order = null)
    {
        var playlist = System.Text.Encoding.UTF8.GetString(await GetAsync($"{version}/{track}/index.m3u8"));
        var count = playlist.Split('\n').Count(l => l.Contains(".m4s", StringComparison.Ordinal));
        var segments = new byte[count][];
        foreach (var n in order ?? Enumerable.Range(1, count))
        {
            segments[n - 1] = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"{version}/{track}/{n}.m4s"));
        }

        var path = Path.Combine(folder, $"{Id}-{version}-{track}.mp4");
        await using var file = File.Create(path);
        await file.WriteAsync(await GetAsync($"{version}/{track}/init.mp4"));
        foreach (var segment in segments)
        {
            await file.WriteAsync(segment);
        }

        return path;
    }

    /// <summary>Status of one file of the title, such as <c>VERSION/v0/1.m4s</c>.</summary>
    public async Task<HttpStatusCode> StatusAsync(string file)
    {
        using var answer = await server.Http.GetAsync($"/stream/{Id}/{file}{Query}");
        return answer.StatusCode;
    }

    /// <summary>Waits until a job of this kind has ended, and answers it.</summary>
    public async Task<Job> EndOfAsync(JobKind kind)
    {
        var catalog = server.App.Services.GetRequiredService<IWorkCatalog>();
        Job? job = null;
        (await Eventually.Holds(async () =>
        {
            var all = await catalog.ListJobsAsync(AssetId.Parse(Id, CultureInfo.InvariantCulture), null, 100, default);
            job = all.FirstOrDefault(j => j.Kind == kind && j.State != JobState.Cancelled);
            return job?.FinishedAt is not null;
        })).ShouldBeTrue($"no {kind} job ended: {job}");
        return job!;
    }

    private async Task<byte[]> GetAsync(string file)
    {
        var until = TimeProvider.System.GetUtcNow() + Eventually.Patience;
        while (true)
        {
            using var answer = await server.Http.GetAsync($"/stream/{Id}/{file}{Query}");
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable && TimeProvider.System.GetUtcNow() < until)
            {
                await Task.Delay(100);
                continue;
            }

            answer.StatusCode.ShouldBe(HttpStatusCode.OK, file);
            return await answer.Content.ReadAsByteArrayAsync();
        }
    }

    [GeneratedRegex(@"(?<version>[0-9a-f]+)/(?<track>[va]\d+)/index\.m3u8", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Playlist();
}
