using System.Globalization;
using System.Net;
using System.Text;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Server.Live.Channels;
using Xunit;

namespace Sluice.Server.Tests.Live.Fragments;

/// <summary>One run of a channel whose upstreams are of different kinds (part B, line 15): numbers go on, URLs keep their bytes, and players are not left to freeze.</summary>
public sealed class MixedUpstreamTests(LiveSegments segments, FragmentFilms films) : IClassFixture<LiveSegments>, IClassFixture<FragmentFilms>
{
    private const int FragmentPictures = 300;
    private const int TsPictures = 8 * LiveSegments.Pictures;

    private static readonly TimeSpan BetweenLoads = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task Behind_a_transport_stream_fragments_go_on_in_it()
    {
        await using var server = await StartAsync("live/index.m3u8", "both.m3u8");

        var seen = await WatchAsync(server);

        seen.Values.ShouldAllBe(static uri => uri.StartsWith("ts/", StringComparison.Ordinal));
        server.Channel("one").Status().Counters[ChannelCounter.Switches].ShouldBeGreaterThan(0);
        Pictures(server, "index.m3u8").ShouldBe(TsPictures + FragmentPictures);
        Ffmpeg.Run("-xerror -i", Url(server, "index.m3u8"), "-f", "null", "-");
    }

    [Fact]
    public async Task Behind_fragments_a_transport_stream_has_numbers_above_theirs_and_theirs_end()
    {
        await using var server = await StartAsync("both.m3u8", "live/index.m3u8");

        var seen = await WatchAsync(server);

        string.Join(' ', seen.Values.Select(static uri => uri.Split('/')[0]).Distinct()).ShouldBe("v ts");
        seen.Keys.ShouldBe(Enumerable.Range((int)seen.Keys.First(), seen.Count).Select(static n => (long)n), "the one goes on behind the other");
        seen.Values.Count(static uri => uri.StartsWith("ts/", StringComparison.Ordinal)).ShouldBe(8, "nothing comes twice");
        var fragments = await LoadAsync(server, "v/index.m3u8");
        (fragments.IsEnded, fragments.Segments.Count).ShouldBe((true, 6));
        Pictures(server, "v/index.m3u8").ShouldBe(FragmentPictures);
        Pictures(server, "index.m3u8").ShouldBe(TsPictures);
    }

    [Fact]
    public async Task Behind_fragments_those_of_another_source_go_on_in_the_same_playlist_behind_a_map_of_their_own()
    {
        films.Make(
            "-f lavfi -i testsrc2=size=160x90:rate=25:duration=8 -f lavfi -i sine=frequency=880:sample_rate=48000:duration=8 "
            + "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0 -c:a aac",
            "other", fragments: true);
        await using var server = await StartAsync("both.m3u8", "other.m3u8");

        var seen = await WatchAsync(server);

        seen.Values.ShouldAllBe(static uri => uri.StartsWith("v/", StringComparison.Ordinal));
        seen.Keys.ShouldBe(Enumerable.Range((int)seen.Keys.First(), seen.Count).Select(static n => (long)n), "the one goes on behind the other");
        server.Channel("one").Status().Counters[ChannelCounter.Switches].ShouldBeGreaterThan(0);
        var playlist = await LoadAsync(server, "v/index.m3u8");
        var maps = playlist.Segments.Select(static s => (s.Map!.Uri, s.IsDiscontinuity)).ToList();
        maps.Select(static m => m.Uri).Distinct().Count().ShouldBe(2);
        maps.Index().Skip(1).ShouldAllBe(m => m.Item.IsDiscontinuity == (m.Item.Uri != maps[m.Index - 1].Uri), "there, and nowhere else");
        Pictures(server, "index.m3u8").ShouldBe(FragmentPictures + TsPictures);
        foreach (var part in playlist.Segments.GroupBy(static s => s.Map!.Uri))
        {
            // ffmpeg as a player skips a second init segment; those that play by MSE do not.
            var bytes = await Task.WhenAll(part.Select(static s => s.Uri).Prepend(part.Key).Select(uri => server.Http.GetByteArrayAsync($"/live/one/v/{uri}")));
            Ffmpeg.Run("-v error -xerror -i", films.Write("part.mp4", [.. bytes.SelectMany(static b => b)]), "-f", "null", "-");
        }
    }

    [Fact]
    public async Task A_menu_stays_a_menu()
    {
        await using var server = await StartAsync("apart.m3u8", "live/index.m3u8");
        (await MenuAsync(server)).Variants.Single().Uri.ShouldBe("v/index.m3u8");

        await WatchAsync(server, "v/index.m3u8");
        await WatchAsync(server, "a/index.m3u8");
        var menu = await MenuAsync(server);
        await WatchAsync(server, "ts/index.m3u8");

        menu.Variants.Single().Uri.ShouldBe("ts/index.m3u8");
        var (video, later) = (await LoadAsync(server, "v/index.m3u8"), await LoadAsync(server, "ts/index.m3u8"));
        later.MediaSequence.ShouldBeGreaterThanOrEqualTo(video.MediaSequence + video.Segments.Count);
        later.DiscontinuitySequence.ShouldBeGreaterThan(video.DiscontinuitySequence);
        Pictures(server, "ts/index.m3u8").ShouldBe(TsPictures);
    }

    [Fact]
    public async Task What_cannot_go_on_in_a_transport_stream_is_passed_over()
    {
        films.Make("-f lavfi -i testsrc2=size=160x90:rate=25:duration=8 -c:v libsvtav1 -preset 12 -g 50 -pix_fmt yuv420p", "av1", fragments: true);
        await using var server = await StartAsync("live/index.m3u8", "av1.m3u8", "both.m3u8");

        await WatchAsync(server);

        Pictures(server, "index.m3u8").ShouldBe(TsPictures + FragmentPictures);
        using var endless = await server.Http.GetAsync("/live/one", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        (await endless.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("only HLS");
    }

    /// <summary>Loads a playlist until it ends, and holds it to its numbers.</summary>
    /// <returns>What was listed, by number.</returns>
    private static async Task<SortedDictionary<long, string>> WatchAsync(ChannelServer server, string path = "index.m3u8")
    {
        var (seen, bytes) = (new SortedDictionary<long, string>(), new Dictionary<string, byte[]>());
        HlsMediaPlaylist? before = null;
        while (before is not { IsEnded: true })
        {
            using var answer = await server.Http.GetAsync($"/live/one/{path}", TestContext.Current.CancellationToken);
            await Task.Delay(BetweenLoads, TestContext.Current.CancellationToken);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                continue;
            }

            var now = Read(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBeOfType<HlsMediaPlaylist>();
            now.MediaSequence.ShouldBeGreaterThanOrEqualTo(before?.MediaSequence ?? 0);
            now.DiscontinuitySequence.ShouldBeGreaterThanOrEqualTo(before?.DiscontinuitySequence ?? 0);
            now.TargetDuration.ShouldBe((before ?? now).TargetDuration);
            foreach (var (n, segment) in now.Segments.Index())
            {
                Math.Round(segment.Duration.TotalSeconds).ShouldBeLessThanOrEqualTo(now.TargetDuration.TotalSeconds);
                var number = now.MediaSequence + n;
                seen.TryAdd(number, segment.Uri);
                seen[number].ShouldBe(segment.Uri, "a number names one segment");
                Path.GetFileNameWithoutExtension(segment.Uri).ShouldBe(number.ToString(CultureInfo.InvariantCulture));
                var uri = new Uri(answer.RequestMessage!.RequestUri!, segment.Uri);
                var media = await server.Http.GetByteArrayAsync(uri, TestContext.Current.CancellationToken);
                bytes.TryAdd(uri.AbsolutePath, media);
                bytes[uri.AbsolutePath].AsSpan().SequenceEqual(media).ShouldBeTrue("a URL names the same bytes for good");
            }

            before = now;
        }

        return seen;
    }

    private static async Task<HlsMultivariantPlaylist> MenuAsync(ChannelServer server)
    {
        while (true)
        {
            using var answer = await server.Http.GetAsync("/live/one/index.m3u8", TestContext.Current.CancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return Read(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBeOfType<HlsMultivariantPlaylist>();
            }

            await Task.Delay(BetweenLoads, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<HlsMediaPlaylist> LoadAsync(ChannelServer server, string path) =>
        Read(await server.Http.GetByteArrayAsync($"/live/one/{path}", TestContext.Current.CancellationToken)).ShouldBeOfType<HlsMediaPlaylist>();

    private static object? Read(byte[] playlist) => HlsPlaylistReader.TryRead(playlist, out _);

    private static string Url(ChannelServer server, string path) => new Uri(server.Http.BaseAddress!, $"/live/one/{path}").AbsoluteUri;

    private static int Pictures(ChannelServer server, string path) => int.Parse(
        Ffmpeg.Probe("-live_start_index 0 -select_streams v -count_packets -show_entries stream=nb_read_packets -of csv=p=0", Url(server, path))[0].Trim(','), CultureInfo.InvariantCulture);

    private async Task<ChannelServer> StartAsync(params string[] sources)
    {
        var server = await ChannelServer.StartAsync(segments, speed: 10);
        foreach (var file in Directory.EnumerateFiles(films.PathOf("")))
        {
            server.Upstream.Files[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file);
        }

        Grow(server.Upstream, "live/index.m3u8", 1, "", Enumerable.Range(0, 8).Select(static n => $"{n}.ts"));
        foreach (var (name, count) in new[] { ("both", 6), ("v", 6), ("a", 6), ("av1", 4), ("other", 4) })
        {
            Grow(server.Upstream, $"{name}.m3u8", 2, $"#EXT-X-MAP:URI=\"{name}.mp4\"\n", Enumerable.Range(0, count).Select(n => $"{name}{n}.m4s"));
        }

        server.Set(new ChannelDefinition
        {
            Name = "one",
            Urls = [.. sources.Select(s => server.Upstream.Url(s).Secret)],
            Origin = ChannelOrigin.Configuration,
            IsPublic = true,
            Idle = TimeSpan.FromHours(1), // A player that takes its time, on a clock that is fast.
        });
        return server;
    }

    /// <summary>A live playlist that has one segment more at every load, and ends with the last.</summary>
    private static void Grow(Upstream upstream, string path, int seconds, string tags, IEnumerable<string> names)
    {
        var (all, load) = (names.ToList(), 2);
        upstream.Faults[path] = async context =>
        {
            var count = Interlocked.Increment(ref load);
            var list = string.Concat(all.Take(count).Select(name => $"#EXTINF:{seconds},\n{name}\n")) + (count > all.Count ? "#EXT-X-ENDLIST\n" : "");
            context.Response.ContentType = "application/vnd.apple.mpegurl";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{seconds}\n{tags}{list}"));
            return true;
        };
    }
}
