using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace Sluice.Bench.Measurements;

/// <summary>How much of a film has arrived when Chromium plays it, and whether it plays on to where the upload ends.</summary>
internal static class ArrivingBench
{
    private const double BytesPerSecond = 5e6;
    private const double MostShare = 0.10;
    private const int Rounds = 3;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Chromium.LaunchAsync(playwright);
        (string Name, string Film)[] films =
        [
            ("MP4, moov first", await workshop.Films.HalfGigabyteAsync()),
            ("Matroska", await workshop.Films.HalfGigabyteAsync("mkv")),
            ("MPEG-TS", await workshop.Films.HalfGigabyteAsync("ts")),
        ];
        var rows = new List<string[]>();
        foreach (var (name, film) in films)
        {
            rows.AddRange(await MeasureAsync(workshop, report, browser, name, film));
        }

        var sizes = string.Join(", ", films.Select(f => string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(f.Film).Length / 1e6:F0} MB as {f.Name}")));
        report.Text(string.Create(CultureInfo.InvariantCulture,
            $"A film of H.264 and AAC: {sizes}. It is uploaded by tus in one request at {BytesPerSecond / 1e6:F0} MB/s. ")
            + "As soon as the server says that it plays, the watch page is opened with a new link, in a new browser context; the share is what "
            + "the client had sent when `currentTime` first moved. The last round goes on for as long as the upload takes.");
        report.Table(["container", "round", "the server says that it plays", "it plays", "sent by then"], rows);
    }

    private static async Task<IEnumerable<string[]>> MeasureAsync(Workshop workshop, Report report, IBrowser browser, string name, string film)
    {
        var rounds = new List<Round>();
        for (var round = 0; round < Rounds; round++)
        {
            rounds.Add(await WatchAsync(workshop, browser, film, toTheEnd: round == Rounds - 1));
        }

        var share = rounds.Max(r => r.Share);
        var last = rounds[^1];
        report.Bar($"{name}: Chromium plays before 10 % has arrived (the worst round)", share < MostShare, Percent(share));

        // With this much loaded, it is the machine's decoder that does not keep up.
        var dry = last.Stalls.Count(s => s[1] < 0.5);
        report.Bar(
            $"{name}: it never runs dry until all has arrived, and then is ready", dry == 0 && last.State == "ready",
            $"{dry} times, {last.State}; {last.Stalls.Length - dry} hiccups of the decoder");
        return rounds.Select((r, i) => new[] { name, $"{i + 1}", Seconds(r.SaidAfter), Seconds(r.PlaysAfter), Percent(r.Share) });
    }

    private static async Task<Round> WatchAsync(Workshop workshop, IBrowser browser, string film, bool toTheEnd)
    {
        await using var sluice = await SluiceServer.StartAsync(workshop, workshop.NewFolder());
        using var stop = new CancellationTokenSource();
        using var body = new PacedFile(film, BytesPerSecond, stop.Token);
        var url = await AnnounceAsync(sluice.Http, body.SizeBytes);
        var began = Stopwatch.GetTimestamp();
        var sending = sluice.Http.SendAsync(Request(HttpMethod.Patch, url, body, ("Upload-Offset", "0")), CancellationToken.None);
        while (!await PlaysAsync(sluice.Http, url))
        {
            await Task.Delay(50, stop.Token);
        }

        var said = Stopwatch.GetElapsedTime(began);
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(await LinkAsync(sluice.Http, url));
        await page.WaitForFunctionAsync(
            """
            () => {
              const video = document.querySelector('video');
              if (video === null) return false;
              if (globalThis.stalls === undefined && video.currentTime > 0) {
                globalThis.stalls = [];
                video.addEventListener('waiting', () => {
                  const { buffered, currentTime } = video;
                  const end = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1);
                  globalThis.stalls.push([currentTime, Math.max(0, end - currentTime)]);
                });
              }
              if (video.paused) void video.play().catch(() => undefined);
              return video.currentTime > 0;
            }
            """,
            null, new() { Timeout = 60_000 });
        var (share, plays) = (body.Share, Stopwatch.GetElapsedTime(began));
        if (!toTheEnd)
        {
            await stop.CancelAsync();
            await Task.WhenAny(sending);
            return new Round(share, said, plays, [], "arriving");
        }

        using var answer = await sending;
        await Task.Delay(TimeSpan.FromSeconds(10), stop.Token);
        var state = await StateAsync(sluice.Http, url);
        return new Round(share, said, plays, await page.EvaluateAsync<double[][]>("() => globalThis.stalls"), state);
    }

    private static async Task<string> AnnounceAsync(HttpClient http, long length)
    {
        using var answer = await http.SendAsync(
            Request(HttpMethod.Post, "api/v1/uploads", null, ("Upload-Length", length.ToString(CultureInfo.InvariantCulture))));
        return answer.EnsureSuccessStatusCode().Headers.Location!.ToString();
    }

    private static async Task<bool> PlaysAsync(HttpClient http, string url)
    {
        using var head = await http.SendAsync(Request(HttpMethod.Head, url, null));
        return head.Headers.TryGetValues("Sluice-Plays", out var plays) && plays.Single() == "now";
    }

    private static async Task<string> LinkAsync(HttpClient http, string url)
    {
        using var answer = await http.PostAsync($"api/v1/media/{IdOf(url)}/tokens", null);
        using var links = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return links.RootElement.GetProperty("watch").GetString()!;
    }

    private static async Task<string> StateAsync(HttpClient http, string url)
    {
        using var media = JsonDocument.Parse(await http.GetStringAsync($"api/v1/media/{IdOf(url)}"));
        return media.RootElement.GetProperty("state").GetString()!;
    }

    private static HttpRequestMessage Request(HttpMethod method, string url, HttpContent? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, url) { Content = body };
        request.Headers.Add("Tus-Resumable", "1.0.0");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    private static string IdOf(string url) => url[(url.LastIndexOf('/') + 1)..];

    private static string Percent(double share) => (share * 100).ToString("F1", CultureInfo.InvariantCulture) + " %";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture) + " s";

    private sealed record Round(double Share, TimeSpan SaidAfter, TimeSpan PlaysAfter, double[][] Stalls, string State);
}
