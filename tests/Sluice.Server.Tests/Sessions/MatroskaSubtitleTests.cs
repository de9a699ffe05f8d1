using Shouldly;
using Sluice.Media.Binary;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Subtitles of a Matroska file on another server come in segments, with the picture.</summary>
public sealed class MatroskaSubtitleTests : IDisposable
{
    private const string Srt = "1\n00:00:01,000 --> 00:00:03,000\nAt one\n\n2\n00:00:07,500 --> 00:00:13,000\nAt <i>seven</i>\n\n"
        + "3\n00:00:13,000 --> 00:00:14,000\n-->\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-mkv-text-").FullName;

    [Theory]
    [InlineData("srt")]
    [InlineData("ass")]
    public async Task They_are_in_the_menu_and_every_cue_is_in_the_segment_it_begins_in(string codec)
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(Film($"-c:s {codec} -metadata:s:s:0 language=ger -metadata:s:s:0 title=Deutsch")));
        await using var server = await SessionServer.StartAsync();
        var playback = (await SessionServer.BeginAsync(server, origin.Url)).GetProperty("playback");
        var player = new Player(server, playback.Text("hls"));
        var version = (await player.TracksAsync())[0].Version;

        var master = await player.TextAsync("master.m3u8");
        master.ShouldContain("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"Deutsch\",LANGUAGE=\"de\",DEFAULT=NO");
        (await RowsAsync("s0", ".vtt")).ShouldBe(await RowsAsync("v0", ".m4s"));

        var first = await player.TextAsync($"{version}/s0/1.vtt");
        var map = (await player.TextAsync($"{version}/s0/2.vtt")).Split('\n')[1];
        first.ShouldBe($"WEBVTT\n{map}\n\n00:00:01.000 --> 00:00:03.000\nAt one\n");
        (await player.TextAsync($"{version}/s0/2.vtt")).ShouldBe($"WEBVTT\n{map}\n\n00:00:07.500 --> 00:00:13.000\nAt <i>seven</i>\n");
        (await player.TextAsync($"{version}/s0/3.vtt")).ShouldBe($"WEBVTT\n{map}\n\n00:00:13.000 --> 00:00:14.000\n--&gt;\n");
        map.ShouldMatch("^X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:(0|90000)$");
        (await server.Http.GetStringAsync(playback.Text("dash"))).ShouldNotContain("vtt");
        using var behind = await player.GetAsync($"{version}/s0/4.vtt");
        await behind.ShouldBeProblemAsync(404, "segment-unknown");

        async Task<string[]> RowsAsync(string track, string suffix) =>
        [
            .. (await player.TextAsync($"{version}/{track}/index.m3u8")).Split('\n')
                .Where(l => l.StartsWith("#EXTINF", StringComparison.Ordinal) || l.Contains(suffix, StringComparison.Ordinal)).Select(l => l.Split(suffix)[0]),
        ];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Film(string options)
    {
        var (text, film) = (Path.Combine(_folder, "a.srt"), Path.Combine(_folder, "a.mkv"));
        File.WriteAllText(text, Srt);
        Ffmpeg.Make(
            $"-f lavfi -i testsrc2=s=128x96:r=25:d=18 -f lavfi -i sine=d=18 -i {text} -map 0 -map 1 -map 2 "
            + $"-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -bf 0 -c:a flac {options}",
            film);
        return film;
    }
}
