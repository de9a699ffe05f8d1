using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Live.Output;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>What a playlist has listed is to be had for long enough afterwards (RFC 8216 section 6.2.2).</summary>
public sealed class LiveWindowTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(4, 100_000, 60)]
    [InlineData(16, 500_000, 90)]
    [InlineData(8, 65_536, 300)]
    public void What_was_listed_stays_for_its_own_length_and_that_of_the_longest_list_with_it(int budgetMegabytes, int segmentBytes, int count)
    {
        var log = new ChunkLog(budgetMegabytes << 20);
        var track = new LiveTrack(LiveTrack.TsName, log);
        var longest = new Dictionary<long, int>();
        var lastListed = new Dictionary<long, int>();
        var before = -1L;
        for (var now = 0; now < count; now++)
        {
            Write(log, segmentBytes, Second);
            if (LiveWindow.Of(track, Second) is not { } window)
            {
                continue;
            }

            window.Span[0].Number.ShouldBeGreaterThanOrEqualTo(before, "numbers of a playlist do not go back");
            before = window.Span[0].Number;
            foreach (var segment in window.ToArray())
            {
                longest[segment.Number] = Math.Max(longest.GetValueOrDefault(segment.Number), window.Length);
                lastListed[segment.Number] = now;
            }

            // All that has to be there now: a segment is a second.
            foreach (var (number, listed) in lastListed.Where(s => now <= s.Value + 1 + longest[s.Key]))
            {
                var segment = log.Index.Segments.SingleOrDefault(s => s.Number == number);
                segment.ShouldNotBeNull($"{number}, listed last at {listed} among {longest[number]}, is gone at {now}");
                log.Slice(segment.Position, segment.End!.Value).ShouldNotBeNull();
            }
        }

        (before > 10, longest.Values.Max() >= 8).ShouldBe((true, true), "it moves on, and lists what it can");
    }

    [Fact]
    public void Three_target_durations_are_listed_though_the_budget_is_too_small_for_more()
    {
        var log = new ChunkLog(4 << 20);
        var track = new LiveTrack(LiveTrack.TsName, log);
        for (var n = 0; n < 40; n++)
        {
            Write(log, 500_000, Second / 2);
        }

        LiveWindow.Of(track, Second)!.Value.Length.ShouldBe(6, "of segments of half the target duration twice as many");
        LiveWindow.Of(track, Second / 2)!.Value.Length.ShouldBe(3);
    }

    [Fact]
    public void What_is_about_to_go_is_not_listed_unless_there_is_nothing_else()
    {
        var log = new ChunkLog(2 << 20);
        var track = new LiveTrack(LiveTrack.TsName, log);
        for (var n = 0; n < 20; n++)
        {
            Write(log, 600_000, Second);
        }

        var window = LiveWindow.Of(track, Second)!.Value;
        window.Length.ShouldBe(3);
        window.ToArray().ShouldAllBe(s => log.Slice(s.Position, s.End!.Value) != null);
    }

    private static void Write(ChunkLog log, int bytes, TimeSpan duration)
    {
        log.BeginSegment(isDiscontinuity: false, programTime: null);
        while (bytes > 0)
        {
            var count = Math.Min(bytes, log.GetSpan(1).Length);
            log.Advance(count);
            bytes -= count;
        }

        log.EndSegment(duration);
        log.Publish();
    }
}
