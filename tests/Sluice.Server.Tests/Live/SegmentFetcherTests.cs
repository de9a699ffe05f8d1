using System.Security.Cryptography;
using System.Threading.Channels;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Server.Live;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Live.Upstream;

namespace Sluice.Server.Tests.Live;

/// <summary>Segments of a real server come whole and in order, whatever happens on the way.</summary>
public sealed class SegmentFetcherTests
{
    private readonly SegmentLog _log = new();

    [Fact]
    public async Task The_head_of_the_line_streams_through_while_others_are_fetched_and_all_come_in_order()
    {
        await using var upstream = await StartAsync();
        var letGo = new TaskCompletionSource();
        for (var n = 1; n <= 6; n++)
        {
            upstream.Files[$"live/{n}.ts"] = Bytes(n, 50_000);
        }

        upstream.Faults["live/1.ts"] = async context =>
        {
            await context.Response.Body.WriteAsync(upstream.Files["live/1.ts"].AsMemory(0, 20_000));
            await context.Response.Body.FlushAsync();
            await letGo.Task;
            await context.Response.Body.WriteAsync(upstream.Files["live/1.ts"].AsMemory(20_000));
            return true;
        };
        var running = RunAsync(upstream.Fetcher(), [.. Enumerable.Range(1, 6).Select(n => Segment($"{n}.ts"))]);

        (await Eventually.Holds(() => _log["1.ts"].Length == 20_000 && upstream.Asked.Count == 4))
            .ShouldBeTrue("the first half came, and three more are on their way");
        await Task.Delay(100);
        (upstream.Asked.Count, _log.Order).ShouldBe((4, "1.ts"));
        letGo.SetResult();
        await running;

        _log.Order.ShouldBe("1.ts 2.ts 3.ts 4.ts 5.ts 6.ts");
        for (var n = 1; n <= 6; n++)
        {
            _log[$"{n}.ts"].ShouldBe(upstream.Files[$"live/{n}.ts"]);
        }

        _log.Results.Values.ShouldAllBe(r => r.Problem == null && r.Bytes == 50_000);
    }

    [Theory]
    [InlineData(true, "live/1.ts bytes=30000-")]
    [InlineData(false, "live/1.ts bytes=30000-")]
    public async Task What_broke_off_goes_on_where_it_was(bool hasRanges, string asked)
    {
        await using var upstream = await StartAsync();
        upstream.HasRanges = hasRanges;
        upstream.Files["live/1.ts"] = Bytes(1, 100_000);
        upstream.CutOnce("live/1.ts", 30_000);

        await RunAsync(upstream.Fetcher(), Segment("1.ts"));

        _log["1.ts"].ShouldBe(upstream.Files["live/1.ts"]);
        (_log.Results["1.ts"].Retries, _log.Results["1.ts"].Bytes).ShouldBe((1, 100_000));
        upstream.Asked.ShouldContain(asked);
    }

    [Fact]
    public async Task What_became_another_file_is_not_pieced_together_and_leaves_a_break()
    {
        await using var upstream = await StartAsync();
        upstream.Files["live/1.ts"] = Bytes(1, 100_000);
        upstream.Files["live/2.ts"] = Bytes(2, 1000);
        upstream.CutOnce("live/1.ts", 30_000);
        var cut = upstream.Faults["live/1.ts"];
        upstream.Faults["live/1.ts"] = async context =>
        {
            var done = await cut(context);
            if (!done)
            {
                context.Response.Headers.ETag = "\"v2\"";
                await context.Response.Body.WriteAsync(Bytes(9, 100_000));
            }

            return true;
        };

        await RunAsync(upstream.Fetcher(), Segment("1.ts"), Segment("2.ts"));

        _log["1.ts"].ShouldBe(upstream.Files["live/1.ts"][..30_000]);
        _log.Results["1.ts"].Problem.ShouldNotBeNull().ShouldContain("another file");
        _log.Order.ShouldBe("1.ts !2.ts");
    }

    [Fact]
    public async Task What_has_become_shorter_than_what_came_of_it_is_another_file()
    {
        await using var upstream = await StartAsync();
        upstream.Files["live/1.ts"] = Bytes(1, 100_000);
        upstream.Files["live/2.ts"] = Bytes(2, 1000);
        upstream.CutOnce("live/1.ts", 30_000);
        var cut = upstream.Faults["live/1.ts"];
        upstream.Faults["live/1.ts"] = async context =>
        {
            if (!await cut(context))
            {
                context.Response.Headers.ETag = "\"v1\"";
                await context.Response.Body.WriteAsync(Bytes(1, 20_000));
            }

            return true;
        };

        await RunAsync(upstream.Fetcher(), Segment("1.ts"), Segment("2.ts"));

        _log.Results["1.ts"].Problem.ShouldNotBeNull().ShouldContain("another file");
        _log.Order.ShouldBe("1.ts !2.ts");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_range_is_that_part_even_of_an_answer_that_is_the_whole(bool hasRanges)
    {
        await using var upstream = await StartAsync();
        upstream.HasRanges = hasRanges;
        upstream.Files["live/all.ts"] = Bytes(1, 100_000);
        upstream.CutOnce("live/all.ts", 45_000);

        await RunAsync(upstream.Fetcher(), Segment("all.ts", range: new HlsByteRange(40_000, 20_000)));

        _log["all.ts"].ShouldBe(upstream.Files["live/all.ts"][40_000..60_000]);
        upstream.Asked.ShouldBe(["live/all.ts bytes=40000-59999", "live/all.ts bytes=45000-59999"]);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(503)]
    public async Task What_is_not_there_yet_is_asked_for_again(int status)
    {
        await using var upstream = await StartAsync();
        upstream.Files["live/1.ts"] = Bytes(1, 1000);
        upstream.Refuse("live/1.ts", status, 2);

        await RunAsync(upstream.Fetcher(), Segment("1.ts"));

        (_log["1.ts"].Length, _log.Results["1.ts"].Retries).ShouldBe((1000, 2));
    }

    [Fact]
    public async Task What_is_denied_is_not_asked_for_again_and_what_never_comes_not_for_ever()
    {
        await using var upstream = await StartAsync();
        upstream.Files["live/3.ts"] = Bytes(1, 1000);
        upstream.Refuse("live/1.ts", 403, int.MaxValue);

        await RunAsync(upstream.Fetcher(TimeSpan.FromSeconds(1)), Segment("1.ts"), Segment("2.ts"), Segment("3.ts"), Segment("ftp://example.com/4.ts"));

        (_log.Results["1.ts"].IsDenied, _log.Results["1.ts"].Retries).ShouldBe((true, 0));
        (_log.Results["2.ts"].Status, _log.Results["2.ts"].Retries).ShouldBe((404, 2));
        _log.Results["ftp://example.com/4.ts"].Problem.ShouldBe("its address is none that may be fetched");
        _log.Order.ShouldBe("!3.ts");
    }

    [Fact]
    public async Task Encrypted_segments_come_out_in_the_clear_and_each_key_is_fetched_once()
    {
        await using var upstream = await StartAsync();
        var segments = new List<UpstreamSegment>();
        for (var n = 0; n < 4; n++)
        {
            using var aes = Aes.Create();
            upstream.Files[$"live/k{n / 2}"] = aes.Key = Bytes(n / 2, 16);
            upstream.Files[$"live/{n}.ts"] = aes.EncryptCbc(Bytes(n, 90_001), Bytes(n + 50, 16));
            var iv = new UInt128(
                BitConverter.ToUInt64([.. Bytes(n + 50, 16).Take(8).Reverse()]), BitConverter.ToUInt64([.. Bytes(n + 50, 16).Skip(8).Reverse()]));
            segments.Add(Segment($"{n}.ts", key: new HlsKey("AES-128", $"k{n / 2}", iv, "identity")));
        }

        upstream.Files["live/wrong"] = Bytes(99, 16);
        upstream.Files["live/short"] = Bytes(99, 15);
        upstream.Files["live/5.ts"] = upstream.Files["live/6.ts"] = upstream.Files["live/0.ts"];
        upstream.CutOnce("live/1.ts", 33_333);
        await RunAsync(upstream.Fetcher(), [.. segments,
            Segment("5.ts", key: new HlsKey("AES-128", "wrong", null, "identity")), Segment("6.ts", key: new HlsKey("AES-128", "short", null, "identity"))]);

        for (var n = 0; n < 4; n++)
        {
            _log[$"{n}.ts"].ShouldBe(Bytes(n, 90_001));
        }

        upstream.Asked.Count(a => a.StartsWith("live/k", StringComparison.Ordinal)).ShouldBe(2);
        _log.Results["5.ts"].Problem.ShouldNotBeNull().ShouldContain("padding");
        _log.Results["6.ts"].Problem.ShouldBe("its key is not to be had");
    }

    [Fact]
    public async Task A_map_is_read_where_it_changes_and_after_a_break()
    {
        await using var upstream = await StartAsync();
        upstream.Files["live/map"] = [1, 2, 3, 4];
        foreach (var n in Enumerable.Range(1, 5))
        {
            upstream.Files[$"live/{n}"] = [(byte)(n * 10)];
        }

        var whole = new HlsMap("map", null, null);
        var part = new HlsMap("map", new HlsByteRange(1, 2), null);
        await RunAsync(upstream.Fetcher(), Segment("1", map: whole), Segment("2", map: whole), Segment("3", map: part),
            Segment("4", map: part, isBreak: true), Segment("5"));

        new[] { "1", "2", "3", "4", "5" }.Select(n => string.Join(',', _log[n])).ShouldBe(["1,2,3,4,10", "20", "2,3,30", "2,3,40", "50"]);
        upstream.Asked.Count(a => a.StartsWith("live/map", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Whoever_waits_for_its_turn_holds_no_more_than_its_share()
    {
        await using var upstream = await StartAsync();
        var (letGo, sent) = (new TaskCompletionSource(), 0L);
        upstream.Files["live/1.ts"] = Bytes(1, 1000);
        upstream.Faults["live/1.ts"] = async _ =>
        {
            await letGo.Task;
            return false;
        };
        upstream.Faults["live/2.ts"] = async context =>
        {
            for (var n = 0; n < 640; n++)
            {
                await context.Response.Body.WriteAsync(new byte[100_000]);
                Interlocked.Add(ref sent, 100_000);
            }

            return true;
        };
        var running = RunAsync(upstream.Fetcher(), Segment("1.ts"), Segment("2.ts"));
        var before = -1L;
        (await Eventually.Holds(async () =>
        {
            await Task.Delay(300);
            (var last, before) = (before, Interlocked.Read(ref sent));
            return before > 0 && last == before;
        })).ShouldBeTrue("it comes to a stand");

        before.ShouldBeLessThan(32_000_000, "what the system's sockets hold, and two megabytes");
        letGo.SetResult();
        await running;
        _log["2.ts"].Length.ShouldBe(64_000_000);
    }

    [Fact]
    public async Task Who_ends_it_ends_all_downloads()
    {
        await using var upstream = await StartAsync();
        upstream.Faults["live/1.ts"] = async context =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return true;
        };
        using var ending = new CancellationTokenSource();
        var due = Channel.CreateUnbounded<UpstreamSegment>();
        due.Writer.TryWrite(Segment("1.ts"));
        due.Writer.TryWrite(Segment("2.ts"));
        var running = upstream.Fetcher().RunAsync(due.Reader, _log, ending.Token);
        (await Eventually.Holds(() => upstream.Asked.Count >= 2)).ShouldBeTrue();

        await ending.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => running.WaitAsync(Eventually.Patience));
    }

    [Fact]
    public async Task What_is_under_way_when_it_is_left_ends_as_one_that_failed()
    {
        await using var upstream = await StartAsync();
        upstream.Files["live/2.ts"] = Bytes(2, 1000);
        upstream.Faults["live/1.ts"] = async context =>
        {
            await context.Response.Body.WriteAsync(Bytes(1, 20_000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return true;
        };
        using var ending = new CancellationTokenSource();
        var due = Channel.CreateUnbounded<UpstreamSegment>();
        due.Writer.TryWrite(Segment("1.ts"));
        due.Writer.TryWrite(Segment("2.ts"));
        var running = upstream.Fetcher().RunAsync(due.Reader, _log, ending.Token);
        (await Eventually.Holds(() => _log["1.ts"].Length == 20_000)).ShouldBeTrue();

        await ending.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => running.WaitAsync(Eventually.Patience));
        _log.Results.Keys.ToArray().ShouldBe(["1.ts"], "the other has not begun");
        _log.Results["1.ts"].Problem.ShouldNotBeNull();
    }

    private async Task RunAsync(SegmentFetcher fetcher, params UpstreamSegment[] segments)
    {
        var due = Channel.CreateUnbounded<UpstreamSegment>();
        foreach (var segment in segments)
        {
            due.Writer.TryWrite(segment);
        }

        due.Writer.Complete();
        await fetcher.RunAsync(due.Reader, _log, default).WaitAsync(Eventually.Patience);
    }

    private static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
