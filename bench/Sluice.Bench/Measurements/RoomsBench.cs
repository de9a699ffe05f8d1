using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using Sluice.Bench.Rooms;

namespace Sluice.Bench.Measurements;

/// <summary>Ten pages of Chromium in one room, one of them throttled to a crawl; then the server is killed and started again.</summary>
internal static class RoomsBench
{
    private const int Pages = 10;
    private const double Near = 0.15;
    private const double Share = 0.95;

    /// <summary>The page that crawls.</summary>
    private const int Slowness = 20;

    private const int SlowBytesPerSecond = 40_000;

    /// <summary>Longest pause between two tries of a page, and some time to come in.</summary>
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var watched = Environment.GetEnvironmentVariable("SLUICE_BENCH_SECONDS") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 120;
        var (data, port) = (workshop.NewFolder(), SluiceServer.FreePort());
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Chromium.LaunchAsync(playwright);
        var sluice = await SluiceServer.StartAsync(workshop, data, port: port);
        var pages = new List<RoomPage>();
        try
        {
            var title = await sluice.PublishAsync(await FilmAsync(workshop.Films));
            var query = title.Hls.Query;
            var room = new UriBuilder(sluice.Http.BaseAddress!) { Scheme = "ws", Path = $"api/v1/rooms/asset/{title.Id}", Query = query }.Uri;
            var watch = new UriBuilder(sluice.Http.BaseAddress!) { Path = $"watch/{title.Id}", Query = query + "&room=1" }.Uri.AbsoluteUri;
            await using (var observer = await RoomObserver.EnterAsync(room))
            {
                for (var i = 0; i < Pages; i++)
                {
                    pages.Add(await RoomPage.OpenAsync(browser, watch));
                }

                await pages[^1].ThrottleAsync(Slowness, SlowBytesPerSecond);
                await pages[0].PlayAsync();
                await Task.WhenAll(pages.Select(page => page.PlaysOnAsync()));
                await MeasureAsync(report, pages, observer, watched);
            }

            await sluice.KillAsync();
            await Task.WhenAll(pages.Select(page => page.PhaseAsync("waiting")));
            await sluice.DisposeAsync();
            sluice = await SluiceServer.StartAsync(workshop, data, port: port);
            await ReturnAsync(report, pages, room);
        }
        finally
        {
            foreach (var page in pages)
            {
                await page.DisposeAsync();
            }

            await sluice.DisposeAsync();
        }

        report.Text($"Ten pages of headless Chromium, each in a context of its own, in the room of one film of 160x90 (H.264, AAC). One page plays, the others follow. The tenth has its scripts run {Slowness} "
            + $"times slower and is sent {SlowBytesPerSecond / 1000} kB/s with 300 ms of delay. Each page notes `currentTime` ten times a second, the slow one as often as it can; an eleventh member of the room, which plays nothing, "
            + "has heard where the room was. All run on one machine, of which ten players take most. "
            + "Then the server is killed (`kill -9`), all pages notice, and it is started again on the same data folder and port.");
    }

    private static async Task MeasureAsync(Report report, List<RoomPage> pages, RoomObserver observer, int seconds)
    {
        var from = Now;
        var samples = await Task.WhenAll(pages.Select(page => page.SampleAsync(seconds)));
        var held = observer.Held(from, Now);
        var distances = samples.Select(observer.Distances).ToArray();
        var all = distances.SelectMany(d => d).ToArray();
        report.Bar(
            $"95 % of the positions of all ten pages over {seconds} s are within 150 ms of the room", NearIn(all) >= Share,
            $"{Percent(NearIn(all))} of {all.Length}");
        report.Table(["page", "samples", "within 150 ms", "median", "95 %", "worst"], distances.Select((d, i) => new[]
        {
            i == Pages - 1 ? $"{i + 1}, which crawls" : $"{i + 1}", $"{d.Length}", Percent(NearIn(d)), Milliseconds(At(d, 0.5)), Milliseconds(At(d, 0.95)), Milliseconds(d.Max()),
        }));
        report.Text(string.Create(CultureInfo.InvariantCulture, $"Meanwhile the room stood {held.Times} times for somebody who had stalled, {held.Seconds:F1} s altogether."));
    }

    /// <summary>They come back by themselves, to where the room was, and are together there.</summary>
    private static async Task ReturnAsync(Report report, List<RoomPage> pages, Uri room)
    {
        const int After = 20;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(pages.Select(page => page.PhaseAsync("open")));
        var back = Stopwatch.GetElapsedTime(began);
        await using var observer = await RoomObserver.EnterAsync(room);
        await Task.WhenAll(pages.Select(page => page.PlaysOnAsync()));
        var samples = await Task.WhenAll(pages.Select(page => page.SampleAsync(After)));
        var all = samples.SelectMany(observer.Distances).ToArray();
        report.Bar("killed and started again: all pages are back in the room by themselves", back <= BackWithin, string.Create(CultureInfo.InvariantCulture, $"after {back.TotalSeconds:F1} s"));
        report.Bar("and where the room is, and the room where it was", NearIn(all) >= Share && samples.All(s => s[0][1] > 1), $"{Percent(NearIn(all))} of {all.Length} within 150 ms");
    }

    private static Task<string> FilmAsync(Films films) => films.MakeAsync("room.mp4", path => Tool.RunAsync("ffmpeg", [
        "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=15:duration=600",
        "-f", "lavfi", "-i", "sine=frequency=440:duration=600:sample_rate=32000", "-c:v", "libx264", "-preset", "veryfast", "-g", "30", "-keyint_min", "30",
        "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "32k", "-movflags", "+faststart", "-f", "mp4", path]));

    private static double Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private static double NearIn(double[] distances) => distances.Count(distance => distance <= Near) / (double)distances.Length;

    private static double At(double[] distances, double share) => distances.Order().ElementAt((int)(share * (distances.Length - 1)));

    private static string Percent(double share) => (share * 100).ToString("F1", CultureInfo.InvariantCulture) + " %";

    private static string Milliseconds(double seconds) => (seconds * 1000).ToString("F0", CultureInfo.InvariantCulture) + " ms";
}
