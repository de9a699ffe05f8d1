using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sluice.Tests;

namespace Sluice.Bench.Measurements;

/// <summary>Five hundred things that people do with sessions at random, while the programs that the server starts are killed: nothing may be left.</summary>
internal static class SessionsBench
{
    private const int Actions = 500;
    private const int Most = 4;

    /// <summary>What is being ended is given so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        await using var nginx = await NginxServer.StartAsync(workshop);
        var film = await FilmAsync(workshop.Films);
        var films = Enumerable.Range(0, Most).Select(n => $"film-{n}.mp4").ToArray();
        foreach (var name in films)
        {
            File.Copy(film, Path.Combine(nginx.Folder, name));
        }

        foreach (var format in (string[])["matroska", "avi"])
        {
            await Tool.RunAsync("ffmpeg", [
                "-nostdin", "-y", "-v", "error", "-i", film, "-t", "60", .. format == "avi" ? (string[])["-c:v", "mpeg4", "-c:a", "libmp3lame"] : ["-c", "copy"], "-f", format,
                Path.Combine(nginx.Folder, "odd." + format)]);
        }

        await Tool.RunAsync("ffmpeg", [
            "-nostdin", "-y", "-v", "error", "-i", film, "-t", "60", "-c", "copy", "-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod",
            Path.Combine(nginx.Folder, "list.m3u8")]);
        string[] sources =
        [
            .. ((string[])[.. films, "odd.matroska", "odd.avi", "list.m3u8", "none.mp4"]).Select(name => Wish(new Uri(nginx.Address, name).AbsoluteUri)),
            Wish("--script=x"), Wish("http://127.0.0.1:22/"),
        ];
        await RunAsync(workshop, report, sources, new FileInfo(film).Length);
    }

    private static async Task RunAsync(Workshop workshop, Report report, string[] sources, long filmBytes)
    {
        var folder = workshop.NewFolder();
        var (configuration, data) = (Path.Combine(folder, "sluice.yml"), Path.Combine(folder, "data"));
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $"""
            outbound:
              allow: ["127.0.0.1/32"]
            ingest:
              resolvers: false
            sessions:
              most: {Most}
              scratchBytes: {Most * filmBytes}
            """));
        await using var sluice = await SluiceServer.StartAsync(workshop, data, arguments: ["--config", configuration]);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = sluice.Http.BaseAddress, Timeout = TimeSpan.FromMinutes(2) };
        var storm = new SessionStorm(http, sluice.Pid, sources, new Random(20261122));
        var began = Stopwatch.GetTimestamp();
        await storm.RunAsync(Actions);
        await storm.CalmAsync();
        var took = Stopwatch.GetElapsedTime(began);
        var sessions = (await storm.ListAsync()).Length;
        var children = await FewestAsync(() => SessionStorm.ChildrenOf(sluice.Pid).Length);
        var files = await FewestAsync(() => LeftIn(data).Length);
        var again = 0;
        foreach (var source in sources[..Most])
        {
            using var begun = await http.PostAsync("api/v1/sessions", new StringContent(source, null, "application/json"));
            again += begun.StatusCode == System.Net.HttpStatusCode.Created ? 1 : 0;
        }

        await Console.Error.WriteLineAsync(string.Join('\n', storm.Complaints.Take(20)));
        report.Bar($"{Actions} random actions: no answer but those that are documented", storm.Complaints.Count == 0, $"{storm.Complaints.Count} others");
        report.Bar("no session, no program is left", sessions == 0 && children == 0, $"{sessions} sessions, {children} programs");
        report.Bar("no file is left", files == 0, files == 0 ? "none" : string.Join(", ", LeftIn(data).Take(5)));
        report.Bar("no place and no byte of what sessions may keep has leaked", again == Most, $"{again} of {Most} sessions at once, which together may keep all");
        report.Text($"A seeded random begins, joins, plays, hangs up, meets in rooms and stops, by the native API and by RSD's, six at a time: {storm.Begun} sessions begun or joined, {storm.Played} segments played, "
            + $"{storm.Killed} programs of the server killed (`kill -9`), {took.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture)} s. The sources are films on nginx (MP4, Matroska, AVI, HLS), one that is not there and two that may not be asked.");
    }

    /// <summary>The last count, which is waited for to be none.</summary>
    private static async Task<int> FewestAsync(Func<int> count)
    {
        var began = Stopwatch.GetTimestamp();
        int left;
        while ((left = count()) > 0 && Stopwatch.GetElapsedTime(began) < Patience)
        {
            await Task.Delay(100);
        }

        return left;
    }

    /// <summary>What sessions keep on the disk.</summary>
    private static string[] LeftIn(string data) =>
    [
        .. new[] { "media", "stage", "scratch", "torrents" }.Select(folder => Path.Combine(data, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFileSystemEntries(folder)).Select(path => Path.GetRelativePath(data, path)),
    ];

    private static string Wish(string url) => $$"""{"url":{{JsonSerializer.Serialize(url)}}}""";

    private static Task<string> FilmAsync(Films films) => films.MakeAsync("storm.mp4", path => Tool.RunAsync("ffmpeg", [
        "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15:duration=300", "-f", "lavfi", "-i", "sine=frequency=440:duration=300",
        "-c:v", "libx264", "-preset", "veryfast", "-g", "30", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "48k", "-movflags", "+faststart", "-f", "mp4", path]));
}
