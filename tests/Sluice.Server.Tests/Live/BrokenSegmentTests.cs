using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Live.FaultOrigin;

namespace Sluice.Server.Tests.Live;

/// <summary>Answers of status 200 that are no segments.</summary>
public sealed class BrokenSegmentTests(LiveSegments segments) : IClassFixture<LiveSegments>, IAsyncLifetime
{
    private const string Index = "live/index.m3u8";

    private FaultOrigin _origin = null!;

    public async ValueTask InitializeAsync() => _origin = await FaultOrigin.StartAsync(segments);

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task An_empty_one_is_a_file_that_is_being_written_and_is_asked_for_again()
    {
        _origin.Script(Index, End(0, 3));
        var isThere = false;
        _origin.Server.Faults["live/1.ts"] = _ =>
        {
            (var isEmpty, isThere) = (!isThere, true);
            return Task.FromResult(isEmpty);
        };

        var followed = await _origin.FollowAsync(clock: new FastClock(5));

        followed.Log.Order.ShouldBe("0.ts 1.ts 2.ts");
        followed.Log["1.ts"].ShouldBe(segments.All[1]);
        followed.Log.Results["1.ts"].Retries.ShouldBe(1);
    }

    [Fact]
    public async Task One_that_stays_empty_is_missing()
    {
        _origin.Script(Index, End(0, 3));
        _origin.Server.Files["live/1.ts"] = [];

        var followed = await _origin.FollowAsync(clock: new FastClock(5), manner: new UpstreamManner { Patience = TimeSpan.FromSeconds(3) });

        followed.End.ShouldBe(new UpstreamEnd(null) { IsFilm = true });
        (followed.Log.Order, followed.Log.Results["1.ts"].Problem).ShouldBe(("0.ts !2.ts", "the upstream sends nothing"));
    }

    [Fact]
    public async Task A_single_page_instead_of_one_is_left_out_and_three_in_a_row_are_an_upstream_that_is_broken()
    {
        _origin.Script(Index, End(0, 10));
        foreach (var n in new[] { 1, 4, 5, 6 })
        {
            _origin.Server.Files[$"live/{n}.ts"] = "<!DOCTYPE html><title>Sorry</title><p>Back soon."u8.ToArray();
        }

        var log = new ChunkLog(8 << 20);
        var sink = new TsSegmentSink(new TsLogWriter(log));
        var upstream = new HlsUpstream(_origin.Server.Outbound, new UpstreamManner(), new OneSink(sink), new FastClock(5));
        var end = await upstream.RunAsync(_origin.Server.Url(Index), default).WaitAsync(Eventually.Patience);

        (end.Reason, end.IsFilm).ShouldBe(("its segments are no MPEG-TS any more", false));
        log.Index.Segments.Count(s => s.End is not null).ShouldBe(3, "0, 2 and 3");
    }
}
