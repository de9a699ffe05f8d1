using System.Text.Json;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A file on another server is played from where it lies: as if it had been uploaded, and with as little as need be fetched.</summary>
public sealed class RemotePlaybackTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(4.5);

    [Fact]
    public async Task It_plays_as_if_it_had_been_uploaded()
    {
        var path = Path.Combine(RepositoryRoot.Corpus("mp4"), "media__bbb_800x640_768kbps_30fps_avc_non_reference_3b.mp4");
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(path));
        await using var server = await SessionServer.StartAsync();

        var session = await SessionServer.BeginAsync(server, origin.Url);

        (session.Text("state"), session.Text("title"), session.GetProperty("playable").Text("kind")).ShouldBe(("ready", "long one", "asset"));
        using var upload = await server.UploadFileAsync(path);
        var remote = new Player(server, session.GetProperty("playback").Text("hls"));
        var local = new Player(server, (await upload.JsonAsync()).GetProperty("playback").Text("hls"));
        var (there, here) = (await remote.TracksAsync(), await local.TracksAsync());
        there.Select(t => t.Track).ShouldBe(here.Select(t => t.Track));
        foreach (var (theirs, ours) in there.Zip(here))
        {
            var playlist = await remote.TextAsync($"{theirs.Version}/{theirs.Track}/index.m3u8");
            var count = playlist.Split('\n').Count(l => l.Contains(".m4s", StringComparison.Ordinal));
            count.ShouldBeGreaterThan(0);
            (await remote.BytesAsync($"{theirs.Version}/{theirs.Track}/init.mp4")).ShouldBe(await local.BytesAsync($"{ours.Version}/{ours.Track}/init.mp4"));
            for (var n = 1; n <= count; n++)
            {
                var expected = await local.BytesAsync($"{ours.Version}/{ours.Track}/{n}.m4s");
                var segment = await remote.BytesAsync($"{theirs.Version}/{theirs.Track}/{n}.m4s");
                segment.AsSpan().SequenceEqual(expected).ShouldBeTrue($"{theirs.Track}/{n}");
            }
        }

        (await server.Http.GetStringAsync(session.GetProperty("playback").Text("dash"))).ShouldContain("<MPD");
        (await remote.BytesAsync($"{there[0].Version}/ts/{there[0].Track}/1.ts"))[0].ShouldBe((byte)0x47);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Twenty_seconds_from_the_middle_of_two_gigabytes_cost_less_than_a_twentieth_of_it(bool movieLast)
    {
        await using var origin = await RangeOrigin.StartAsync();
        var film = LongTitle.Of(Long, movieLast);
        film.Length.ShouldBeGreaterThan(2L << 30);
        origin.Content = film;
        await using var server = await SessionServer.StartAsync();

        var session = await SessionServer.BeginAsync(server, origin.Url);
        var index = origin.SentBytes;
        await new Player(server, session.GetProperty("playback").Text("hls")).ShouldPlayTheMiddleAsync(
            Long, n => [.. Enumerable.Range((n - 1) * 6, 6).SelectMany(second => LongTitle.Pictures(Long, movieLast, second))]);

        TestContext.Current.TestOutputHelper?.WriteLine($"index {index} bytes, all {origin.SentBytes} of {film.Length} in {origin.Asked.Count} requests");
        origin.SentBytes.ShouldBeLessThan(film.Length / 20);
        index.ShouldBeLessThan(16 << 20);
    }

    [Fact]
    public async Task Viewers_share_what_is_fetched()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(20));
        await using var server = await SessionServer.StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            var own = await SessionServer.BeginAsync(server, origin.Url, status: 200);
            own.Text("id").ShouldBe(session.Text("id"));
            var player = new Player(server, own.GetProperty("playback").Text("hls"));
            foreach (var (version, track) in await player.TracksAsync())
            {
                for (var n = 50; n < 60; n++)
                {
                    await player.BytesAsync($"{version}/{track}/{n}.m4s");
                }
            }
        }));

        origin.AskedBlocks.Length.ShouldBeGreaterThan(20);
        origin.AskedBlocks.ShouldBeUnique();
    }

    [Fact]
    public async Task A_silent_server_holds_up_no_transport_stream_of_the_library()
    {
        var clock = new FakeClock();
        var path = Path.Combine(RepositoryRoot.Corpus("mp4"), "media__bbb_800x640_768kbps_30fps_avc_non_reference_3b.mp4");
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(20));
        await using var server = await SessionServer.StartAsync(clock: clock);
        using var upload = await server.UploadFileAsync(path);
        var local = new Player(server, (await upload.JsonAsync()).GetProperty("playback").Text("hls"));
        var (localVersion, localTrack) = (await local.TracksAsync())[0];
        var remote = new Player(server, (await SessionServer.BeginAsync(server, origin.Url)).GetProperty("playback").Text("hls"));
        var (version, track) = (await remote.TracksAsync())[0];
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        origin.Gate = gate.Task;
        var asked = origin.Asked.Count;

        var waiting = Enumerable.Range(0, 9).Select(n => remote.GetAsync($"{version}/ts/{track}/{100 + n}.ts")).ToArray();
        (await Eventually.Holds(() => origin.Asked.Count >= asked + 4 && clock.IsAwaitedIn(TimeSpan.FromSeconds(8)))).ShouldBeTrue();

        (await local.BytesAsync($"{localVersion}/ts/{localTrack}/1.ts").WaitAsync(Eventually.Patience))[0].ShouldBe((byte)0x47);
        clock.Advance(TimeSpan.FromSeconds(8));
        using (var first = await (await Task.WhenAny(waiting)).WaitAsync(Eventually.Patience))
        {
            await first.ShouldBeProblemAsync(503, "segment-pending");
            first.Headers.RetryAfter?.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        }

        gate.SetResult();
        var answers = await Task.WhenAll(waiting).WaitAsync(Eventually.Patience);
        answers.Count(a => a.IsSuccessStatusCode).ShouldBeGreaterThanOrEqualTo(4, "who had their turn were only late");
    }

    [Fact]
    public async Task A_file_that_changes_or_goes_is_told_in_words_and_ends_nothing_else()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(20));
        await using var server = await SessionServer.StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var (version, track) = (await player.TracksAsync())[0];

        for (var i = 0; i < 3; i++)
        {
            origin.Statuses.Enqueue(404);
        }

        using (var gone = await player.GetAsync($"{version}/{track}/100.m4s"))
        {
            (await gone.ShouldBeProblemAsync(502, "source-unusable")).Text("detail").ShouldBe("The other server answered with status 404.");
            gone.Headers.CacheControl?.NoStore.ShouldBe(true);
        }

        (await player.BytesAsync($"{version}/{track}/100.m4s")).ShouldNotBeEmpty(); // It was back.
        origin.Tag = "\"v2\"";
        using var changed = await player.GetAsync($"{version}/{track}/150.m4s");

        (await changed.ShouldBeProblemAsync(502, "source-unusable")).Text("detail").ShouldContain("has changed");
        using var now = await server.Http.GetAsync($"/api/v1/sessions/{session.Text("id")}");
        var view = await now.JsonAsync();
        (view.Text("state"), view.GetProperty("playback").ValueKind).ShouldBe(("failed", JsonValueKind.Null));
        view.Text("reason").ShouldContain("has changed");
        server.Logs.Lines.ShouldNotContain(line => line.Contains(" Error ", StringComparison.Ordinal));
        (await SessionServer.BeginAsync(server, origin.Url)).Text("id").ShouldNotBe(session.Text("id"), "who asks again gets the file as it is now");
    }
}
