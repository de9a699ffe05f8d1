using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Recordings;
using Xunit;

namespace Sluice.Server.Tests.Recordings;

/// <summary>Where a recording begins that is to begin before now.</summary>
public sealed class RecordingStartTests
{
    private static readonly TimeSpan Two = TimeSpan.FromSeconds(2);

    /// <summary>Segments of two seconds at 100, 200, 300, the last open; places to come in at the beginning of each but the second, and within the first.</summary>
    private static readonly LogIndex Index = new(
        [Point(100), Point(150), Point(300)],
        [
            new(0, 100, false, null) { Duration = Two, End = 200 },
            new(1, 200, false, null) { Duration = Two, End = 300 },
            new(2, 300, false, null),
        ]);

    [Theory]
    [InlineData(0, null, 0)]
    [InlineData(1, 300L, 0)] // Only the open segment has a place that is late enough; the one before has none.
    [InlineData(3, 100L, 4)]
    [InlineData(1000, 100L, 4)]
    public void It_is_the_place_that_lies_far_enough_back(int secondsBack, long? position, int reached)
    {
        var start = RecordingStart.In(Index, TimeSpan.FromSeconds(secondsBack));

        (start.Point?.Position, start.Back).ShouldBe((position, TimeSpan.FromSeconds(reached)));
    }

    [Fact]
    public void An_empty_log_has_none() => RecordingStart.In(LogIndex.Empty, Two).ShouldBe(default);

    [Fact]
    public void A_cursor_begins_there_or_at_what_is_left_behind_it()
    {
        var log = new ChunkLog(1 << 20);
        var first = Write(log, "first");
        Write(log, "second");

        Read(log, first).ShouldBe("PATfirstsecond");
        Read(log, null).ShouldBe("PATsecond");
        Read(log, first with { Position = 1 }).ShouldBe("PATsecond", "the point itself is gone");
        Read(log, first with { Position = 100 }).ShouldBe("PATsecond", "there is nothing behind it");
    }

    private static LogPoint Write(ChunkLog log, string text)
    {
        var point = new LogPoint(log.Position, null, "PAT"u8.ToArray());
        System.Text.Encoding.ASCII.GetBytes(text, log.GetSpan(text.Length));
        log.Advance(text.Length);
        log.AddPoint(point);
        log.Publish();
        return point;
    }

    private static string Read(ChunkLog log, LogPoint? from)
    {
        using var cursor = log.Join(from, default);
        var text = "";
        while (cursor.TryRead(out var bytes))
        {
            text += System.Text.Encoding.ASCII.GetString(bytes.Span);
        }

        return text;
    }

    private static LogPoint Point(long position) => new(position, null, default);
}
