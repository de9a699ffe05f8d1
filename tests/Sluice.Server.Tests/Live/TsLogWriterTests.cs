using Shouldly;
using Sluice.Server.Live;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>What comes out of a log is one stream, whatever went in; ffmpeg and a strict receiver are the judges.</summary>
public sealed class TsLogWriterTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    private readonly ChunkLog _log = new(64 << 20);

    [Fact]
    public void Lengths_are_those_of_the_pictures_whatever_the_source_says()
    {
        var writer = new TsLogWriter(_log) { TargetDuration = TimeSpan.FromSeconds(1) };
        for (var n = 0; n < 4; n++)
        {
            Write(writer, segments.All[n], said: TimeSpan.FromSeconds(7));
        }

        _log.Index.Segments.Select(s => s.Number).ShouldBe([0, 1, 2, 3]);
        _log.Index.Segments.ShouldAllBe(s => Math.Abs((s.Duration - TimeSpan.FromSeconds(1)).TotalMilliseconds) < 0.1);
        _log.Index.Segments.ShouldAllBe(s => s.End != null);
    }

    [Fact]
    public void A_segment_that_is_too_long_is_cut_where_playing_can_begin()
    {
        var writer = new TsLogWriter(_log) { TargetDuration = TimeSpan.FromSeconds(2) };
        writer.BeginSegment(false, new DateTimeOffset(2026, 1, 1, 0, 0, 0, default));
        segments.All.Take(7).ToList().ForEach(s => writer.Write(s));
        writer.EndSegment(true);

        var parts = _log.Index.Segments;
        parts.Select(s => (int)Math.Round(s.Duration.TotalSeconds)).ShouldBe([2, 2, 2, 1]);
        parts.Select(s => s.ProgramTime!.Value.Second).ShouldBe([0, 2, 4, 6]);
        parts.Skip(1).ShouldAllBe(p => _log.Index.Points.Any(q => q.Position == p.Position));
        foreach (var part in parts)
        {
            // The last sound of a part may end in the next.
            var file = segments.Write("part.ts", Bytes(part));
            Ffmpeg.Run("-xerror -i", file, "-map", "0:v", "-f", "null", "-");
        }
    }

    [Fact]
    public void Without_such_a_place_it_is_cut_at_a_picture()
    {
        var file = segments.Write("long.ts", []);
        Ffmpeg.Make("-f lavfi -i testsrc2=size=320x180:rate=25:duration=8 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 250 -sc_threshold 0", file);
        var writer = new TsLogWriter(_log) { TargetDuration = TimeSpan.FromSeconds(2) };
        Write(writer, File.ReadAllBytes(file));

        _log.Index.Segments.ShouldAllBe(s => s.Duration.TotalSeconds < 2.5 && s.Duration > TimeSpan.Zero);
        _log.Index.Segments.Sum(s => s.Duration.TotalSeconds).ShouldBe(8, 0.01);
        _log.Index.Segments.Length.ShouldBe(4);
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(0, 5)]
    [InlineData(3, 3)]
    public void A_clock_that_jumps_back_or_ahead_or_stands_still_goes_on_for_viewers(int before, int after)
    {
        var writer = new TsLogWriter(_log);
        Write(writer, segments.All[before]);
        Write(writer, segments.All[before + 1]);
        Write(writer, segments.All[after], isBreak: true);
        Write(writer, segments.All[after + 1]);
        Write(writer, segments.All[before], isBreak: true);

        var stream = All();
        Valid(stream);
        var file = segments.Write("jump.ts", stream);
        Ffmpeg.Run("-v error -i", file, "-c", "copy", "-f", "null", "-");
        Ffmpeg.Run("-v error -i", file, "-f", "null", "-");
    }

    [Fact]
    public void A_jump_that_nobody_spoke_of_goes_on_too()
    {
        var writer = new TsLogWriter(_log);
        Write(writer, segments.All[9]);
        Write(writer, segments.All[0]);
        Write(writer, segments.All[1]);

        Valid(All());
        writer.Joined.ShouldBe(1);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.77)]
    public void A_segment_that_breaks_off_leaves_no_half_picture(double part)
    {
        var writer = new TsLogWriter(_log);
        Write(writer, segments.All[0]);
        writer.BeginSegment(false, null);
        writer.Write(segments.All[1].AsSpan(0, (int)(part * segments.All[1].Length)));
        writer.EndSegment(isWhole: false);
        Write(writer, segments.All[2], isBreak: true);

        var stream = All();
        Valid(stream);
        Ffmpeg.Run("-xerror -i", segments.Write("cut.ts", stream), "-f", "null", "-");
    }

    [Theory]
    [InlineData(0.4, 0)]
    [InlineData(0.6, 77)]
    public void A_segment_that_breaks_off_without_a_word_leaves_no_half_picture(double part, int more)
    {
        var writer = new TsLogWriter(_log);
        var second = TimeSpan.FromSeconds(1);
        Write(writer, segments.All[0], said: second);
        Write(writer, segments.All[1].AsSpan(0, ((int)(part * segments.All[1].Length / 188) * 188) + more), said: second);
        Write(writer, segments.All[2], said: second);

        var stream = All();
        Valid(stream);
        Ffmpeg.Run("-xerror -i", segments.Write("short.ts", stream), "-f", "null", "-");
    }

    [Fact]
    public void A_segment_that_breaks_off_behind_a_packet_without_a_word_leaves_no_half_picture()
    {
        // All places in a picture: the last packet of each is stuffed, the others are not.
        foreach (var packets in Enumerable.Range(0, 12))
        {
            var (log, second) = (new ChunkLog(8 << 20), TimeSpan.FromSeconds(1));
            var writer = new TsLogWriter(log);
            Write(writer, segments.All[0], said: second);
            Write(writer, segments.All[1].AsSpan(0, ((segments.All[1].Length * 8 / 10 / 188) + packets) * 188), said: second);
            Write(writer, segments.All[2], said: second);

            var stream = All(log);
            Valid(stream);
            Ffmpeg.Run("-v error -xerror -i", segments.Write("short.ts", stream), "-f", "null", "-");
        }
    }

    [Fact]
    public void A_segment_behind_one_that_breaks_off_in_a_packet_has_all_of_its_packets()
    {
        var writer = new TsLogWriter(_log);
        Write(writer, segments.All[0]);
        writer.BeginSegment(false, null);
        writer.Write(segments.All[1].AsSpan(0, 5077));
        writer.EndSegment(isWhole: false);
        Write(writer, segments.All[2], isBreak: true);

        writer.LostBytes.ShouldBe(5077 % 188);
        Pictures(Bytes(_log.Index.Segments[2])).ShouldBe(LiveSegments.Pictures);
    }

    [Theory]
    [InlineData(188, 0)]
    [InlineData(1000, 0)]
    [InlineData(0, 5000)]
    [InlineData(4096, 4096)]
    public void Where_bytes_are_missing_or_none_of_it_the_picture_stands_still_until_the_next_key(int missing, int instead)
    {
        var writer = new TsLogWriter(_log);
        Write(writer, segments.All[0]);
        var segment = segments.All[1];
        foreach (var part in new[] { 0.3, 0.7, 0.95 })
        {
            var at = (int)(part * segment.Length);
            Write(writer, [.. segment.AsSpan(0, at), .. new byte[instead], .. segment.AsSpan(Math.Min(segment.Length, at + missing))], isBreak: true);
            Write(writer, segments.All[2], isBreak: true);
        }

        var stream = All();
        Valid(stream);
        Ffmpeg.Run("-v error -xerror -i", segments.Write("hole.ts", stream), "-f", "null", "-");
        Pictures(stream).ShouldBeInRange(5 * LiveSegments.Pictures, (7 * LiveSegments.Pictures) - 3);
    }

    [Fact]
    public void What_is_rubbish_behind_a_segment_or_instead_of_one_costs_no_more_than_a_picture()
    {
        var rubbish = new byte[5000];
        new Random(1).NextBytes(rubbish);
        var writer = new TsLogWriter(_log);
        Write(writer, [.. segments.All[0], .. rubbish]);
        Write(writer, segments.All[1]);
        Write(writer, rubbish);
        Write(writer, segments.All[2]);

        var stream = All();
        Valid(stream);
        Ffmpeg.Run("-v error -xerror -i", segments.Write("rubbish.ts", stream), "-f", "null", "-");
        Pictures(stream).ShouldBeInRange((3 * LiveSegments.Pictures) - 1, 3 * LiveSegments.Pictures);
    }

    [Fact]
    public void A_segment_that_lacks_its_front_leaves_no_half_picture()
    {
        var writer = new TsLogWriter(_log);
        Write(writer, segments.All[0].AsSpan(segments.All[0].Length / 2));
        Write(writer, segments.All[1]);
        Write(writer, segments.All[2]);

        var first = _log.Index.Points[0];
        var joined = (byte[])[.. first.Join.Span, .. All().AsSpan((int)first.Position)];
        Valid(joined);
        Ffmpeg.Run("-xerror -i", segments.Write("head.ts", joined), "-f", "null", "-");
    }

    [Fact]
    public void The_first_picture_goes_as_it_comes()
    {
        var writer = new TsLogWriter(_log);
        writer.BeginSegment(false, null);
        writer.Write(segments.All[0].AsSpan(0, 3000));

        _log.Position.ShouldBeGreaterThan(1800);
        _log.Index.Points.Length.ShouldBe(1);
    }

    [Fact]
    public void What_is_held_counts_against_the_memory_until_it_is_whole()
    {
        var (memory, most) = (new ChannelMemory(4 << 20), 0L);
        var writer = new TsLogWriter(memory.Main, memory);
        writer.BeginSegment(false, null);
        foreach (var piece in segments.All[0].Chunk(5 * 188))
        {
            writer.Write(piece);
            memory.TakenBytes.ShouldBe(writer.HeldBytes);
            most = Math.Max(most, memory.TakenBytes);
        }

        most.ShouldBeGreaterThan(1000);
        writer.EndSegment(isWhole: true);
        memory.TakenBytes.ShouldBe(0);
    }

    [Fact]
    public void Ten_faults_in_a_minute_leave_a_stream_that_is_valid_and_a_picture_for_everyone()
    {
        var writer = new TsLogWriter(_log);
        var random = new Random(7);
        for (var n = 0; n < 60; n++)
        {
            var segment = segments.All[n % 12];
            if (n % 6 != 5)
            {
                // Where the twelve seconds begin again, the upstream does.
                Write(writer, segment, isBreak: n > 0 && (n % 12 == 0 || n % 6 == 0));
                continue;
            }

            // Cut off at the end, at the front, or a hole in the middle.
            var at = random.Next(segment.Length / 4, segment.Length * 3 / 4);
            writer.BeginSegment(false, null);
            writer.Write(segment.AsSpan(n % 4 == 1 ? at : 0, n % 4 == 1 ? segment.Length - at : at));
            writer.EndSegment(isWhole: n % 4 == 1);
        }

        var stream = All();
        Valid(stream);
        Ffmpeg.Run("-v error -i", segments.Write("faults.ts", stream), "-c", "copy", "-f", "null", "-");
        foreach (var point in _log.Index.Points.Where((_, n) => n % 5 == 0))
        {
            byte[] joined = [.. point.Join.Span, .. stream.AsSpan((int)point.Position, (int)Math.Min(stream.Length - point.Position, 188 * 400))];
            Ffmpeg.Run("-v error -i", segments.Write("join.ts", joined), "-map", "0:v", "-frames:v", "1", "-f", "null", "-");
        }
    }

    private static void Write(TsLogWriter writer, ReadOnlySpan<byte> segment, bool isBreak = false, TimeSpan said = default)
    {
        writer.BeginSegment(isBreak, null, said);
        for (; segment.Length > 0; segment = segment[Math.Min(8192, segment.Length)..])
        {
            writer.Write(segment[..Math.Min(8192, segment.Length)]);
        }

        writer.EndSegment(isWhole: true);
    }

    private byte[] All() => All(_log);

    private static byte[] All(ChunkLog log) => [.. log.Slice(0, log.Position).ShouldNotBeNull().SelectMany(p => p.ToArray())];

    private static int Pictures(byte[] stream) => Enumerable.Range(0, stream.Length / 188).Count(n => stream[(n * 188) + 1] == 0x41 && stream[(n * 188) + 2] == 0);

    private byte[] Bytes(LogSegment segment) =>
        [.. segment.Prefix.Span, .. _log.Slice(segment.Position, segment.End!.Value).ShouldNotBeNull().SelectMany(p => p.ToArray())];

    private static void Valid(byte[] stream)
    {
        var check = TsCheck.Of(stream);
        check.Problems.ShouldBeEmpty(string.Join('\n', check.Problems));
        check.LongestTableGap.ShouldBeLessThan(0.5);
        check.Units.ShouldBeGreaterThan(50);
    }
}
