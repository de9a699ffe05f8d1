using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Media.Binary;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Sessions;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A Matroska film on another server, whose sound ends before its picture, in Chromium.</summary>
public sealed class MatroskaSessionTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const string Srt = "1\n00:00:03,000 --> 00:00:05,000\nAt three\n\n2\n00:00:15,000 --> 00:00:17,500\nAt fifteen\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-mkv-").FullName;
    private RangeOrigin _origin = null!;
    private SluiceServer _server = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var (text, film) = (Path.Combine(_folder, "a.srt"), Path.Combine(_folder, "a.mkv"));
        await File.WriteAllTextAsync(text, Srt);
        Ffmpeg.Make(
            $"-f lavfi -i testsrc2=s=320x180:r=25:d=40 -f lavfi -i sine=440:d=22 -i {text} -map 0 -map 1 -map 2 "
            + "-c:v libx264 -preset veryfast -bf 3 -pix_fmt yuv420p -g 50 -c:a aac -metadata:s:s:0 language=eng",
            film);
        _origin = await RangeOrigin.StartAsync();
        (_origin.Content, _origin.Type) = (new MemoryByteSource(await File.ReadAllBytesAsync(film)), "video/x-matroska");
        _server = await StartImportingServerAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_origin is not null)
        {
            await _origin.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task It_plays_from_any_point_to_its_end_beyond_the_end_of_its_sound(string kind)
    {
        var player = await WatchAsync(kind);
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(320, 180);
        await player.SeekAsync(30);
        await player.PlaysOnAsync();
        await player.SeekAsync(10);
        await player.PlaysOnAsync();
        await player.SeekAsync(38);
        await player.UntilAsync("video.ended");

        (await player.DurationAsync()).ShouldBeInRange(39.9, 40.2);
    }

    [Fact]
    public async Task Its_subtitles_are_shown_at_their_time()
    {
        var player = await WatchAsync("hls");
        await player.UntilAsync("[...video.textTracks].some(track => track.kind === 'subtitles' && track.language === 'en')");

        foreach (var (seconds, words) in ((int, string)[])[(15, "At fifteen"), (3, "At three")])
        {
            await player.SeekAsync(seconds + 1);
            await player.ShowsCueAsync(words, $"Math.abs(cue.startTime - {seconds}) < 0.15");
        }
    }

    private async Task<Player> WatchAsync(string kind)
    {
        var session = await SessionServer.BeginAsync(_server, _origin.Url);
        session.Text("state").ShouldBe("ready", session.Text("reason"));
        await OpenAsync(session.GetProperty("playback").Text("watch"), _server);
        return await new Player(Page, kind).ChosenAsync();
    }
}
