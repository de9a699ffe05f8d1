using System.Diagnostics;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>What must be encoded plays in Chromium right after its upload, while it is encoded.</summary>
public sealed class AnyFileTests(BrowserSuite suite) : BrowserTest(suite)
{
    /// <summary>What a viewer waits for at most, also on a machine that has other things to do; what he waits for on a quiet one is measured by <c>./dev bench</c>.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_fresh_upload_plays_at_once_and_from_far_on(string kind)
    {
        Guard.Expect("status of 503"); // A busy machine takes longer than a request waits; players ask again.
        var limit = await LongestWaitNowAsync();
        var media = await Suite.PublishAsync(await StartEncodingServerAsync(), MediaFiles.Avi);
        var uploaded = Stopwatch.StartNew();
        await Page.GotoAsync(media.GetProperty("playback").GetProperty("watch").GetString()!);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.PlayAsync();
        await player.UntilAsync("video.currentTime > 0.1");
        uploaded.Elapsed.ShouldBeLessThan(limit);
        await player.PlaysOnAsync();
        (await player.DurationAsync()).ShouldBe(40, 0.2);

        var sought = Stopwatch.StartNew();
        await player.SeekAsync(32);
        await player.UntilAsync("!video.seeking && video.currentTime > 32.1");
        sought.Elapsed.ShouldBeLessThan(limit);
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync();
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task Another_quality_is_shown_without_a_hole(string kind)
    {
        Guard.Expect("status of 503");
        var media = await Suite.PublishAsync(await StartEncodingServerAsync(), MediaFiles.Avi);
        await using var site = await ForeignSite.StartAsync();
        Guard.Trust(site.Address);
        await Page.GotoAsync(site.Page(kind, media.GetProperty("playback").GetProperty(kind).GetString()!));
        var player = new Player(Page, "elsewhere");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        foreach (var height in (int[])[360, 180, 360])
        {
            await Page.EvaluateAsync("height => globalThis.chooseHeight(height)", height);
            await player.UntilAsync($"video.videoHeight === {height}");
            await player.PlaysOnAsync();
            await player.ShouldBeWholeAsync(5);
        }

        Guard.Requests.ShouldContain(path => path.Contains("/v0/", StringComparison.Ordinal) && path.EndsWith(".m4s", StringComparison.Ordinal));
        Guard.Requests.ShouldContain(path => path.Contains("/v1/", StringComparison.Ordinal) && path.EndsWith(".m4s", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("hls", MediaFiles.Vp8)]
    [InlineData("dash", MediaFiles.Vp8)]
    [InlineData("hls", MediaFiles.Mp3)]
    [InlineData("dash", MediaFiles.Mp3)]
    public async Task It_plays_to_its_end(string kind, string file)
    {
        Guard.Expect("status of 503");
        var media = await Suite.PublishAsync(await StartEncodingServerAsync(), file);
        await Page.GotoAsync(media.GetProperty("playback").GetProperty("watch").GetString()!);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.ListenAsync();
        await player.PlayAsync();
        await player.HearsAsync(440);
        await player.ShouldHoldAllAsync(12);
        await player.SeekAsync(11);
        await player.PlayAsync();
        await player.UntilAsync("video.ended");
    }

    /// <summary>Longer on a machine that other work keeps busy: ten times what ffmpeg alone takes for one chunk now.</summary>
    private async Task<TimeSpan> LongestWaitNowAsync()
    {
        var film = await Suite.Films.PathOfAsync(MediaFiles.Avi);
        var clock = Stopwatch.StartNew();
        using var ffmpeg = Process.Start(new ProcessStartInfo(Requirements.Ffmpeg!,
            ["-nostdin", "-v", "quiet", "-i", film, "-t", "4", "-c:v", "libx264", "-preset", "veryfast", "-f", "null", "-"])
        {
            UseShellExecute = false,
        })!;
        await ffmpeg.WaitForExitAsync();
        var alone = 10 * clock.Elapsed;
        return alone > LongestWait ? alone : LongestWait;
    }
}
