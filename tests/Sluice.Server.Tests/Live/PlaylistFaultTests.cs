using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Server.Live;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Live.FaultOrigin;

namespace Sluice.Server.Tests.Live;

/// <summary>What playlists do to a client: a case for each line of the traps that every client has fallen into (part B), by its number.</summary>
public sealed class PlaylistFaultTests : IAsyncLifetime
{
    private const string Index = "live/index.m3u8";

    private FaultOrigin _origin = null!;

    public async ValueTask InitializeAsync() => _origin = await FaultOrigin.StartAsync();

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task B01_a_reload_is_counted_from_the_start_of_the_load_before_and_comes_sooner_when_nothing_was_new()
    {
        var (clock, gate) = (new FakeClock(), new TaskCompletionSource());
        _origin.Script(Index, List(0, 3), After(gate.Task, List(1, 3)), List(1, 3), End(1, 3));
        var following = _origin.FollowAsync(clock: clock);

        await LoadedAsync(1);
        await ComesAfterAsync(clock, 1000, 2, "after a change, one target duration");
        clock.Advance(TimeSpan.FromMilliseconds(400));
        gate.SetResult();
        await ComesAfterAsync(clock, 600, 3, "the load itself took a part of it");
        await ComesAfterAsync(clock, 500, 4, "nothing was new: half of it");
        await ComesAfterAsync(clock, 500, 5, "an end that is confirmed");
        (await following).End.Reason.ShouldBeNull();
    }

    [Theory]
    [InlineData("#", "7.ts")]
    [InlineData("#EXT-X-SERVER-CONTROL:HOLD-BACK=5", "5.ts")]
    [InlineData("#EXT-X-START:TIME-OFFSET=-1.5", "8.ts")]
    public async Task B02_it_begins_where_the_playlist_says_else_three_target_durations_before_its_end(string tag, string first)
    {
        _origin.Script(Index, List(0, 10, tag), List(0, 10, tag, "#EXT-X-ENDLIST"));

        (await _origin.FollowAsync()).Log.Order.Split(' ')[0].ShouldBe(first);
        _origin.Server.Asked.ShouldNotContain("live/4.ts");
    }

    [Fact]
    public async Task B03_numbers_that_jump_ahead_go_back_or_lag_are_told_from_one_another()
    {
        _origin.Script(Index, List(20, 5), List(30, 5), List(28, 5), List(31, 5), List(0, 2), List(0, 3), End(0, 3));

        var followed = await _origin.FollowAsync();

        followed.Log.Order.ShouldBe("22.ts 23.ts 24.ts !32.ts 33.ts 34.ts 35.ts !0.ts 1.ts 2.ts");
        followed.Counts.ShouldBe(new TrackerCounts(Missed: 7, Resets: 1, Lags: 1, Gaps: 0));
    }

    [Fact]
    public async Task B03_who_missed_something_of_a_long_playlist_goes_on_at_its_end()
    {
        _origin.Script(Index, List(0, 3), List(10, 100), End(10, 100));

        (await _origin.FollowAsync()).Log.Order.ShouldBe("0.ts 1.ts 2.ts !107.ts 108.ts 109.ts");
    }

    [Fact]
    public async Task B04_discontinuities_are_carried_through_and_their_numbers_read()
    {
        var text = ListText(5, 2) + "#EXT-X-DISCONTINUITY\n#EXTINF:1,\n7.ts\n";
        _origin.Script(Index, Text(text), Text(text + "#EXT-X-ENDLIST\n"));

        (await _origin.FollowAsync()).Log.Order.ShouldBe("5.ts 6.ts !7.ts");
        var playlist = (HlsMediaPlaylist)HlsPlaylistReader.TryRead(
            Encoding.UTF8.GetBytes(text.Replace("#EXT-X-MEDIA", "#EXT-X-DISCONTINUITY-SEQUENCE:9\n#EXT-X-MEDIA", StringComparison.Ordinal)), out _)!;
        playlist.Segments.Select(s => s.DiscontinuitySequence).ShouldBe([9, 9, 10]);
    }

    [Fact]
    public async Task B05_an_end_that_is_taken_back_was_none()
    {
        _origin.Script(Index, List(0, 3), End(0, 3), List(1, 3), End(2, 3), End(2, 3), End(2, 3));

        var followed = await _origin.FollowAsync();

        (followed.Log.Order, followed.End.Reason, followed.End.IsFilm).ShouldBe(("0.ts 1.ts 2.ts 3.ts 4.ts", null, false));
        _origin.Count(Index).ShouldBe(6);
    }

    [Fact]
    public async Task B10_a_redirect_is_kept_to_and_left_when_it_denies_itself()
    {
        _origin.Script(Index, Redirect("/edge/live/index.m3u8?t=1"), Redirect("/edge/live/index.m3u8?t=2"));
        _origin.Script("edge/live/index.m3u8", List(0, 3), List(1, 3), Status(403), List(2, 3), End(2, 3));
        for (var n = 0; n < 5; n++)
        {
            _origin.Server.Files[$"edge/live/{n}.ts"] = Bytes(n);
        }

        (await _origin.FollowAsync()).Log.Order.ShouldBe("0.ts 1.ts 2.ts 3.ts 4.ts");
        _origin.Count(Index).ShouldBe(2);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(410)]
    public async Task B10_when_tokens_run_out_the_same_variant_is_looked_for_anew_and_nothing_is_missed(int status)
    {
        var token = 1;
        _origin.Server.Faults["main.m3u8"] = async context =>
        {
            await Text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5\nother\n"
                + string.Create(CultureInfo.InvariantCulture, $"#EXT-X-STREAM-INF:BANDWIDTH=9\nlive/index.m3u8?t={token}\n"))(context);
            return true;
        };
        var load = 0;
        _origin.Server.Faults[Index] = async context =>
        {
            var n = load++;
            token = n == 2 ? 2 : token;
            var isValid = context.Request.Query["t"] == token.ToString(CultureInfo.InvariantCulture);
            await (isValid ? Text((n < 6 ? ListText(n, 3) : ListText(5, 3, "#EXT-X-ENDLIST")).Replace(".ts", $".ts?t={token}", StringComparison.Ordinal)) : Status(status))(context);
            return true;
        };

        var followed = await _origin.FollowAsync("main.m3u8");

        followed.Log.Order.ShouldBe(string.Join(' ', Enumerable.Range(0, 8).Select(n => $"{n}.ts?t={(n < 4 ? 1 : 2)}")), "without a break");
        _origin.Count("main.m3u8").ShouldBe(2);
        _origin.Server.Asked.ShouldNotContain("other");
    }

    [Fact]
    public async Task B10_a_segment_whose_token_has_run_out_is_fetched_with_the_next_one()
    {
        var token = 1;
        _origin.Server.Faults["main.m3u8"] = async context =>
        {
            await Text(string.Create(CultureInfo.InvariantCulture, $"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\nlive/index.m3u8?t={token}\n"))(context);
            return true;
        };
        _origin.Server.Faults[Index] = async context =>
        {
            await Text(ListText(0, 6, "#EXT-X-ENDLIST").Replace(".ts", ".ts?t=" + context.Request.Query["t"], StringComparison.Ordinal))(context);
            return true;
        };
        for (var n = 0; n < 6; n++)
        {
            var number = n;
            _origin.Server.Faults[$"live/{n}.ts"] = context =>
            {
                token = number == 3 ? 2 : token;
                var isDenied = context.Request.Query["t"] != token.ToString(CultureInfo.InvariantCulture);
                context.Response.StatusCode = isDenied ? 403 : 200;
                return Task.FromResult(isDenied);
            };
        }

        var followed = await _origin.FollowAsync("main.m3u8");

        followed.Log.Order.Split(' ').Select(name => name.Split('?')[0]).ShouldBe(["0.ts", "1.ts", "2.ts", "3.ts", "4.ts", "5.ts"]);
        followed.Log.Results.Values.ShouldAllBe(r => r.Problem == null);
        _origin.Count("main.m3u8").ShouldBe(2, "once for all that were denied");
    }

    [Fact]
    public async Task B10_a_key_whose_token_has_run_out_is_fetched_with_the_next_one()
    {
        _origin.Server.Files["live/k"] = new byte[16];
        _origin.Script("main.m3u8", Text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\nlive/index.m3u8?t=1\n"), Text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\nlive/index.m3u8?t=2\n"));
        _origin.Server.Faults[Index] = async context =>
        {
            await Text(ListText(0, 3, $"#EXT-X-KEY:METHOD=AES-128,URI=\"k?t={context.Request.Query["t"]}\",IV=0x00000000000000000000000000000000", "#EXT-X-ENDLIST"))(context);
            return true;
        };
        _origin.Server.Faults["live/k"] = context =>
        {
            var isDenied = context.Request.Query["t"] != "2";
            context.Response.StatusCode = isDenied ? 403 : 200;
            return Task.FromResult(isDenied);
        };
        using var aes = Aes.Create();
        aes.Key = new byte[16];
        for (var n = 0; n < 3; n++)
        {
            _origin.Server.Files[$"live/{n}.ts"] = aes.EncryptCbc(Bytes(n), new byte[16]);
        }

        var followed = await _origin.FollowAsync("main.m3u8");

        followed.Log.Order.ShouldBe("0.ts 1.ts 2.ts");
        followed.Log["2.ts"].ShouldBe(Bytes(2));
    }

    [Theory]
    [InlineData("\uFEFF", "\n", null, "text/html")]
    [InlineData("", "\r\n", null, "application/octet-stream")]
    [InlineData("", "  \n", "gzip", "application/vnd.apple.mpegurl")]
    [InlineData("", "\n\n", "br", "audio/mpegurl")]
    public async Task B12_a_playlist_is_known_by_what_it_holds(string mark, string line, string? packing, string type)
    {
        var bytes = Encoding.UTF8.GetBytes(mark + ListText(0, 3, "#EXT-X-ENDLIST").Replace("\n", line, StringComparison.Ordinal).Replace("1.ts", "../live/./1.ts", StringComparison.Ordinal));
        _origin.Script(Index, Raw(packing is null ? bytes : Pack(bytes, packing), packing, type));

        (await _origin.FollowAsync()).Log.Order.ShouldBe("0.ts ../live/./1.ts 2.ts");
    }

    [Fact]
    public async Task B12_what_is_too_large_is_refused_and_other_schemes_are_not_followed()
    {
        _origin.Server.Files["large.m3u8"] = Encoding.UTF8.GetBytes("#EXTM3U\n" + new string('#', HlsPlaylist.MostBytes));
        _origin.Script(Index, Text(ListText(0, 3, "#EXT-X-ENDLIST").Replace("1.ts", "file:///etc/passwd", StringComparison.Ordinal)));
        _origin.Server.Files["none.m3u8"] = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nftp://127.0.0.1/a.m3u8\n"u8.ToArray();
        _origin.Server.Faults["live/2.ts"] = context =>
        {
            context.Response.ContentLength = UpstreamManner.MostSegmentBytes + 1;
            return Task.FromResult(true);
        };

        (await _origin.FollowAsync("large.m3u8")).End.Reason.ShouldBe("It is larger than this server allows.");
        (await _origin.FollowAsync("none.m3u8")).End.Reason.ShouldBe("the playlist has no variant that can be played");
        (await _origin.FollowAsync()).Log.Results["file:///etc/passwd"].Problem.ShouldBe("its address is none that may be fetched");
    }

    [Fact]
    public async Task B13_a_film_is_fetched_as_fast_as_it_is_watched()
    {
        var clock = new FakeClock();
        _origin.Script(Index, End(0, 60));
        var following = _origin.FollowAsync(clock: clock);

        (await Eventually.Holds(() => _origin.Count("live/20.ts") == 1)).ShouldBeTrue("twenty seconds may be ahead");
        await Task.Delay(100);
        _origin.Count("live/22.ts").ShouldBe(0);
        clock.Advance(TimeSpan.FromSeconds(10));
        (await Eventually.Holds(() => _origin.Count("live/30.ts") == 1)).ShouldBeTrue();
        await Task.Delay(100);
        _origin.Count("live/32.ts").ShouldBe(0);
        while (!following.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        (await following).End.IsFilm.ShouldBeTrue();
        (await following).Log.Results.Count.ShouldBe(60);
    }

    [Fact]
    public async Task B13_a_playlist_that_stands_still_is_asked_from_its_first_address_on_and_then_left()
    {
        _origin.Script(Index, Redirect("/live/edge.m3u8"));
        _origin.Script("live/edge.m3u8", List(0, 3));

        var followed = await _origin.FollowAsync();

        followed.End.Reason.ShouldBe("the playlist has stood still for too long");
        _origin.Count(Index).ShouldBe(2);
    }

    [Fact]
    public async Task B13_a_playlist_that_goes_on_at_its_first_address_was_a_broken_edge()
    {
        _origin.Script(Index, Redirect("/live/stuck.m3u8"), Redirect("/live/good.m3u8"));
        _origin.Script("live/stuck.m3u8", List(0, 3));
        _origin.Script("live/good.m3u8", List(1, 3), End(2, 3));

        var followed = await _origin.FollowAsync();

        (followed.Log.Order, followed.End.Reason).ShouldBe(("0.ts 1.ts 2.ts 3.ts 4.ts", null));
    }

    [Fact]
    public async Task A_delta_update_that_nobody_asked_for_is_no_playlist()
    {
        _origin.Script(Index, List(0, 3), List(0, 3, "#EXT-X-SKIP:SKIPPED-SEGMENTS=2"), List(1, 3), End(1, 3));

        (await _origin.FollowAsync()).Log.Order.ShouldBe("0.ts 1.ts 2.ts 3.ts");
        _origin.Server.Asked.ShouldAllBe(a => !a.Contains("_HLS_", StringComparison.Ordinal));
    }

    private static byte[] Pack(byte[] bytes, string how)
    {
        using var packed = new MemoryStream();
        using (Stream packing = how == "br" ? new BrotliStream(packed, CompressionLevel.Fastest) : new GZipStream(packed, CompressionLevel.Fastest))
        {
            packing.Write(bytes);
        }

        return packed.ToArray();
    }

    private async Task LoadedAsync(int loads) => (await Eventually.Holds(() => _origin.Count(Index) == loads)).ShouldBeTrue();

    /// <summary>The next load comes so many milliseconds later and not before.</summary>
    private async Task ComesAfterAsync(FakeClock clock, int milliseconds, int loads, string why)
    {
        var wait = TimeSpan.FromMilliseconds(milliseconds);
        (await Eventually.Holds(() => clock.IsAwaitedIn(wait))).ShouldBeTrue(why);
        _origin.Count(Index).ShouldBe(loads - 1, why);
        clock.Advance(wait);
        await LoadedAsync(loads);
    }
}
