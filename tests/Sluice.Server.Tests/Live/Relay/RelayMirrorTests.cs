using System.IO.Pipelines;
using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Output;
using Sluice.Server.Live.Relay;
using Sluice.Server.Tests.Live.Fragments;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live.Relay;

/// <summary>What one node shows is on another node the same: bytes, segments and numbers.</summary>
public sealed class RelayMirrorTests(FragmentFilms films) : IClassFixture<FragmentFilms>
{
    [Theory]
    [InlineData("both.m3u8")]
    [InlineData("apart.m3u8")]
    [InlineData("ts.m3u8")]
    [InlineData("mixed.m3u8")]
    public async Task All_of_a_feed_is_the_same_there(string source)
    {
        var (feed, _, sinks) = await films.FollowAsync(source);
        sinks.Complete();
        feed.Finish(FeedEnding.Ended);

        var (copy, ending) = await MirrorAsync(feed);

        ending.ShouldBe(FeedEnding.Ended);
        (copy.First, copy.TargetDuration, copy.TsProblem).ShouldBe((feed.First, feed.TargetDuration, feed.TsProblem));
        copy.Tracks.IsMenu.ShouldBe(feed.Tracks.IsMenu);
        copy.Tracks.All.Select(t => t.Name).ShouldBe(feed.Tracks.All.Select(t => t.Name));
        copy.Tracks.Past.Select(t => t.Name).ShouldBe(feed.Tracks.Past.Select(t => t.Name));
        foreach (var (track, same) in feed.Tracks.All.Zip(copy.Tracks.All))
        {
            (same.Codecs, same.Resolution, same.Language, same.Label).ShouldBe((track.Codecs, track.Resolution, track.Language, track.Label));
            ShouldBeSame(feed, track, copy, same);
        }

        ShouldBeSame(feed.Ts, copy.Ts);
        copy.Ts.Index.Points.Select(p => (p.Position, p.PtsTicks, Convert.ToHexString(p.Join.Span)))
            .ShouldBe(feed.Ts.Index.Points.Select(p => (p.Position, p.PtsTicks, Convert.ToHexString(p.Join.Span))));
    }

    [Fact]
    public async Task Who_comes_late_gets_what_is_there_still_under_the_same_numbers()
    {
        var feed = new LiveFeed(1 << 20, new FeedNumbers(1000, 7)) { TargetDuration = TimeSpan.FromSeconds(1) };
        feed.ListTs(0);
        for (var n = 0; n < 40; n++)
        {
            Write(feed.Ts, n);
        }

        feed.Ts.Tail.ShouldBeGreaterThan(0, "some of it has gone");
        feed.Finish(FeedEnding.Released);

        var (copy, ending) = await MirrorAsync(feed);

        ending.ShouldBe(FeedEnding.Released);
        var there = copy.Ts.Index.Segments;
        there[^1].Number.ShouldBe(39);
        there[0].Number.ShouldBeGreaterThan(feed.Ts.Index.Segments[0].Number);
        there[0].Position.ShouldBe(0);
        ShouldBeSame(feed, feed.Tracks.All[0], copy, copy.Tracks.All[0]);
    }

    [Fact]
    public async Task Who_is_too_slow_is_let_go()
    {
        var feed = new LiveFeed(1 << 20, default) { TargetDuration = TimeSpan.FromSeconds(1) };
        feed.ListTs(0);
        Write(feed.Ts, 0);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1024, resumeWriterThreshold: 512));
        using var sender = new RelaySender(feed, pipe.Writer, TimeProvider.System);
        var sending = sender.SendAsync(TestContext.Current.CancellationToken);
        for (var n = 1; n < 60; n++)
        {
            Write(feed.Ts, n);
        }

        sending.IsCompleted.ShouldBeFalse();
        _ = pipe.Reader.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        (await sending.WaitAsync(Eventually.Patience)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_segment_is_listed_there_when_it_is_whole_here()
    {
        var feed = new LiveFeed(1 << 20, default) { TargetDuration = TimeSpan.FromSeconds(1) };
        feed.ListTs(0);
        var (copy, running) = Begin(feed);
        for (var n = 0; n < 5; n++)
        {
            Write(feed.Ts, n);
            while (copy.Ts.Index.Segments is not [.., { End: not null } last] || last.Number != n)
            {
                await copy.Ts.NextSegment.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
            }
        }

        feed.Ts.BeginSegment(false, null);
        feed.Ts.Write(new byte[188]);
        feed.Ts.Publish();
        feed.Ts.DropSegment();
        feed.Finish(FeedEnding.Ended);
        (await running).ShouldBe(FeedEnding.Ended);
        copy.Ts.Index.Segments.Select(s => s.Number).ShouldBe([0, 1, 2, 3, 4]);
    }

    [Theory]
    [InlineData(new byte[] { 9, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 255, 255, 255, 127 })]
    [InlineData(new byte[] { 1, 2, 0, 0, 0, (byte)'{', (byte)'x' })]
    [InlineData(new byte[] { 4, 2, 0, 0, 0, 7, 7 })]
    public async Task What_is_no_relay_is_refused(byte[] sent)
    {
        var mirror = new RelayMirror(new LiveFeed(1 << 20, default), NoWatch.Instance);
        await Should.ThrowAsync<InvalidDataException>(() => mirror.RunAsync(PipeReader.Create(new MemoryStream(sent)), default));
    }

    private static void Write(ChunkLog log, int n)
    {
        log.BeginSegment(n % 10 == 0, null);
        log.AddPoint(new LogPoint(log.Position, n, new byte[] { 1, (byte)n }));
        var bytes = new byte[100 * 188 * 2];
        new Random(n).NextBytes(bytes);
        log.Write(bytes);
        log.EndSegment(TimeSpan.FromSeconds(1));
        log.Publish();
    }

    private static async Task<(LiveFeed Copy, FeedEnding? Ending)> MirrorAsync(LiveFeed feed)
    {
        var (copy, running) = Begin(feed);
        return (copy, await running);
    }

    private static (LiveFeed Copy, Task<FeedEnding?> Running) Begin(LiveFeed feed)
    {
        var pipe = new Pipe();
        var copy = new LiveFeed(feed.Memory.BudgetBytes, default);
        var ct = TestContext.Current.CancellationToken;
        return (copy, RunAsync());

        async Task<FeedEnding?> RunAsync()
        {
            using var sender = new RelaySender(feed, pipe.Writer, TimeProvider.System);
            var sending = sender.SendAsync(ct);
            var ending = await new RelayMirror(copy, NoWatch.Instance).RunAsync(pipe.Reader, ct);
            (await sending).ShouldBeTrue();
            return ending;
        }
    }

    private static void ShouldBeSame(LiveFeed feed, LiveTrack track, LiveFeed copy, LiveTrack same)
    {
        copy.FirstOf(same).ShouldBe(feed.FirstOf(track));
        ShouldBeSame(track.Log, same.Log);
        foreach (var map in same.Log.Index.Segments.Select(s => s.Map).OfType<int>().Distinct())
        {
            track.Maps!.TryGet(map, out var expected).ShouldBeTrue();
            same.Maps!.TryGet(map, out var given).ShouldBeTrue();
            given!.Value.Span.SequenceEqual(expected!.Value.Span).ShouldBeTrue();
        }
    }

    private static void ShouldBeSame(ChunkLog log, ChunkLog same)
    {
        var segments = log.Index.Segments.Where(s => s.End is not null && s.Number >= (same.Index.Segments is [var first, ..] ? first.Number : 0)).ToArray();
        same.Index.Segments.Where(s => s.End is not null).Select(Words).ShouldBe(segments.Select(Words));
        foreach (var (here, there) in segments.Zip(same.Index.Segments))
        {
            Bytes(same, there).ShouldBe(Bytes(log, here));
        }
    }

    private static (long, bool, long, DateTimeOffset?, TimeSpan, int?, string) Words(LogSegment s) =>
        (s.Number, s.IsDiscontinuity, s.Discontinuities, s.ProgramTime, s.Duration, s.Map, Convert.ToHexString(s.Prefix.Span));

    private static byte[] Bytes(ChunkLog log, LogSegment segment) =>
        [.. log.Slice(segment.Position, segment.End!.Value).ShouldNotBeNull().SelectMany(piece => piece.ToArray())];
}
