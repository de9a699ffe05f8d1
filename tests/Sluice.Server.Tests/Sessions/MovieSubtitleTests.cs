using System.Globalization;
using System.Text.Json;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Subtitles of an MP4 on another server come with the picture, by the places that its tables name.</summary>
public sealed class MovieSubtitleTests : IDisposable
{
    private const string Srt = "1\n00:00:01,000 --> 00:00:03,000\nAt one\n\n2\n00:00:07,500 --> 00:00:13,000\nAt <i>seven</i>\n\n"
        + "3\n00:00:13,000 --> 00:00:14,000\n-->\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-mp4-text-").FullName;

    [Theory]
    [InlineData("-c:a aac", false)]
    [InlineData("-c:a ac3", true)]
    [InlineData("-c:v mpeg4 -c:a aac", true)]
    public async Task They_are_in_the_menu_and_every_cue_is_in_the_segment_it_begins_in(string options, bool isEncoded)
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(Film("a.mp4", options)));
        await using var server = await StartAsync(isEncoded);
        var session = await SessionServer.BeginAsync(server, origin.Url);
        session.GetProperty("reason").ToString().ShouldBe("");
        var playback = session.GetProperty("playback");
        var player = new Player(server, playback.Text("hls"));
        var version = (await player.TracksAsync())[0].Version;

        var master = await player.TextAsync("master.m3u8");
        master.ShouldContain("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"Deutsch\",LANGUAGE=\"de\"");
        var rows = await RowsAsync("s0", ".vtt");
        rows.ShouldBe(await RowsAsync("v0", ".m4s"));

        // Where the segments lie, by their rows: a cue is in the one that it begins in, and in no other.
        var starts = StartsOf(rows);
        var told = new List<string>();
        for (var number = 1; number <= starts.Count; number++)
        {
            var text = await player.TextAsync($"{version}/s0/{number}.vtt");
            text.Split('\n')[1].ShouldMatch("^X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:(0|90000)$");
            var cues = text.Split("\n\n")[1..];
            cues.Select(SecondsOf).ShouldAllBe(s => s >= (number == 1 ? 0 : starts[number - 1]) && (number == starts.Count || s < starts[number]));
            told.AddRange(cues.Select(c => c.TrimEnd('\n')));
        }

        told.ShouldBe(["00:00:01.000 --> 00:00:03.000\nAt one", "00:00:07.500 --> 00:00:13.000\nAt <i>seven</i>", "00:00:13.000 --> 00:00:14.000\n--&gt;"]);
        using var behind = await player.GetAsync($"{version}/s0/{starts.Count + 1}.vtt");
        await behind.ShouldBeProblemAsync(404, "segment-unknown");

        // So short a film has them in DASH too: one file, with times from where the film begins.
        (await server.Http.GetStringAsync(playback.Text("dash"))).ShouldContain($"{version}/s0/subtitles.vtt");
        (await player.TextAsync($"{version}/s0/subtitles.vtt")).ShouldBe($"WEBVTT\n\n{string.Join("\n\n", told)}\n");

        async Task<string[]> RowsAsync(string track, string suffix) =>
        [
            .. (await player.TextAsync($"{version}/{track}/index.m3u8")).Split('\n')
                .Where(l => l.StartsWith("#EXTINF", StringComparison.Ordinal) || l.Contains(suffix, StringComparison.Ordinal)).Select(l => l.Split(suffix)[0]),
        ];
    }

    [Fact]
    public async Task Hardly_more_is_fetched_than_the_texts_that_are_wanted()
    {
        await using var origin = await RangeOrigin.StartAsync();
        var film = await File.ReadAllBytesAsync(Noise());
        film.Length.ShouldBeGreaterThan(18 << 20);
        origin.Content = new MemoryByteSource(film);
        await using var server = await StartAsync(false);
        var session = await SessionServer.BeginAsync(server, origin.Url);
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var version = (await player.TracksAsync())[0].Version;
        var known = origin.SentBytes;

        (await player.TextAsync($"{version}/s0/3.vtt")).ShouldContain("At 13");
        (origin.SentBytes - known).ShouldBeLessThan(6 << 20, "three cues lie in their own blocks");
        known.ShouldBeLessThan(6 << 20);

        // To have all at once would be to fetch the film: in DASH there are none.
        (await server.Http.GetStringAsync(session.GetProperty("playback").Text("dash"))).ShouldNotContain("vtt");
        using var whole = await player.GetAsync($"{version}/s0/subtitles.vtt");
        await whole.ShouldBeProblemAsync(404, "segment-unknown");
    }

    [Fact]
    public async Task A_film_in_fragments_has_them_too()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(Film("f.mp4", "-c:a aac -movflags +frag_keyframe+empty_moov")));
        await using var server = await StartAsync(false);
        var session = await SessionServer.BeginAsync(server, origin.Url);
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var version = (await player.TracksAsync())[0].Version;

        // Its times are a sound packet late, all of them, and a text without an end of its own lasts until the next.
        (await player.TextAsync($"{version}/s0/1.vtt")).ShouldEndWith("\n\n00:00:01.023 --> 00:00:07.523\nAt one\n");
        (await player.TextAsync($"{version}/s0/2.vtt")).ShouldEndWith("\n\n00:00:07.523 --> 00:00:13.023\nAt <i>seven</i>\n");
    }

    [Fact]
    public async Task Those_of_a_Matroska_film_that_is_encoded_are_in_the_menu_too()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(Film("a.mkv", "-c:v libx265 -x265-params log-level=none -c:s srt -c:a flac")));
        await using var server = await StartAsync(true);
        var session = await SessionServer.BeginAsync(server, origin.Url);
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var version = (await player.TracksAsync())[0].Version;

        (await player.TextAsync("master.m3u8")).ShouldContain("TYPE=SUBTITLES");
        var told = "";
        for (var number = 1; number <= 5; number++)
        {
            told += (await player.TextAsync($"{version}/s0/{number}.vtt")).Split("MPEGTS:90000\n")[1];
        }

        told.ShouldBe("\n00:00:01.000 --> 00:00:03.000\nAt one\n\n00:00:07.500 --> 00:00:13.000\nAt <i>seven</i>\n\n00:00:13.000 --> 00:00:14.000\n--&gt;\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Task<SluiceServer> StartAsync(bool encodes) => SessionServer.StartAsync(o =>
        (o.Transcode.Enabled, o.Transcode.ChunkSeconds, o.Transcode.Preset, o.Ladder, o.Sessions.IdleSeconds) = (encodes, 4, "ultrafast", [90], 86_400));

    private static List<double> StartsOf(string[] rows)
    {
        var (starts, at) = (new List<double>(), 0.0);
        foreach (var row in rows.Where(r => r.StartsWith("#EXTINF:", StringComparison.Ordinal)))
        {
            starts.Add(at);
            at += double.Parse(row["#EXTINF:".Length..].TrimEnd(','), CultureInfo.InvariantCulture);
        }

        return starts;
    }

    private static double SecondsOf(string cue) => TimeSpan.Parse(cue.Split(' ')[0], CultureInfo.InvariantCulture).TotalSeconds;

    private string Film(string name, string options)
    {
        var (text, film) = (Path.Combine(_folder, "a.srt"), Path.Combine(_folder, name));
        File.WriteAllText(text, Srt);
        Ffmpeg.Make(
            $"-f lavfi -i testsrc2=s=128x96:r=25:d=18 -f lavfi -i sine=d=18 -i {text} -map 0 -map 1 -map 2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "
            + $"-g 50 -bf 0 -c:s mov_text -metadata:s:s:0 language=ger -metadata:s:s:0 handler_name=Deutsch {options}",
            film);
        return film;
    }

    /// <summary>Twenty seconds that are large, with a text each second.</summary>
    private string Noise()
    {
        var (text, film) = (Path.Combine(_folder, "n.srt"), Path.Combine(_folder, "n.mp4"));
        File.WriteAllLines(text, Enumerable.Range(0, 20).Select(s => $"{s + 1}\n00:00:{s:00},000 --> 00:00:{s:00},900\nAt {s}\n"));
        Ffmpeg.Make(
            $"-f lavfi -i testsrc2=s=640x360:r=25:d=20,noise=alls=60:allf=t -i {text} -map 0 -map 1 -c:v libx264 -preset ultrafast -crf 20 -pix_fmt yuv420p "
            + "-g 50 -bf 0 -c:s mov_text",
            film);
        return film;
    }
}
