using System.Buffers.Binary;
using Shouldly;
using Sluice.Media.Remux;
using Xunit;

namespace Sluice.Media.Tests.Remux;

/// <summary>Frames of audio without a container, and the tags that say when they are heard.</summary>
public sealed class PackedAudioTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Each_frame_follows_the_one_before_from_the_time_of_the_tag(int pieceBytes)
    {
        var sink = new UnitList();
        Feed(sink, Segment(), pieceBytes);

        sink.Units.Select(u => u.Unit.PtsTicks).ShouldBe([900_000, 901_920, 903_840]);
        sink.Units.Select(u => u.Unit.DurationTicks).ShouldBe([1920, 1920, 1920]);
        sink.Units.Select(u => u.Bytes.Length).ShouldBe([20, 30, 7]);
        sink.Formats.ShouldBe([(null, EsFormat.Adts)]);
    }

    [Fact]
    public void Rates_that_do_not_divide_the_clock_do_not_drift()
    {
        var sink = new UnitList();
        byte[] segment = [.. Tag(0), .. Enumerable.Repeat(Adts(9, rateIndex: 4), 44_100).SelectMany(static b => b)];

        Feed(sink, segment, 4096);

        // 44100 frames of 1024 samples are 1024 s.
        sink.Units[^1].Unit.PtsTicks.ShouldBe((1024L * 90_000) - 2090);
        (sink.Units[^1].Unit.PtsTicks + sink.Units[^1].Unit.DurationTicks).ShouldBe(1024L * 90_000);
    }

    [Fact]
    public void What_is_no_frame_is_passed_over_and_what_has_no_time_is_lost()
    {
        var sink = new UnitList();
        var units = new PackedAudioUnits(sink);
        units.BeginSegment(0, false);
        units.Write(Adts(20));
        units.BeginSegment(1, false);
        units.Write([.. Tag(1000), 1, 2, 3, 0xFF, 0, .. Adts(20), .. new byte[20]]);

        sink.Units.ShouldHaveSingleItem().Unit.PtsTicks.ShouldBe(1000);
        units.LostBytes.ShouldBeGreaterThanOrEqualTo(20 + 5);
    }

    [Fact]
    public void Other_frames_of_a_tag_are_passed_over()
    {
        var other = new byte[10 + 40];
        "TXXX"u8.CopyTo(other);
        other[7] = 40;

        Id3Tag.TimestampOf(Tag(0x1_2345_6789, other)).ShouldBe(0x1_2345_6789);
        Id3Tag.TimestampOf(Tag(5).AsSpan(0, 30)).ShouldBeNull();
    }

    /// <summary>A time, and three frames.</summary>
    internal static byte[] Segment() => [.. Tag(900_000), .. Adts(20), .. Adts(30), .. Adts(7)];

    /// <summary>An ID3 tag with a time, as segments of packed audio begin with one.</summary>
    internal static byte[] Tag(long ticks, params byte[] before)
    {
        var owner = "com.apple.streaming.transportStreamTimestamp\0"u8;
        var time = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, ticks);
        byte[] frame = [.. "PRIV"u8, 0, 0, 0, (byte)(owner.Length + 8), 0, 0, .. owner, .. time];
        var size = before.Length + frame.Length;
        return [.. "ID3"u8, 4, 0, 0, 0, 0, (byte)(size >> 7), (byte)(size & 0x7F), .. before, .. frame];
    }

    /// <summary>A frame of AAC LC, header and all.</summary>
    private static byte[] Adts(int bytes, int rateIndex = 3) =>
        [0xFF, 0xF1, (byte)(0x40 | (rateIndex << 2)), (byte)(0x80 | (bytes >> 11)), (byte)(bytes >> 3), (byte)((bytes << 5) | 0x1F), 0xFC, .. new byte[bytes - 7]];

    private static void Feed(UnitList sink, byte[] segment, int pieceBytes)
    {
        var units = new PackedAudioUnits(sink);
        units.BeginSegment(0, false);
        foreach (var piece in segment.Chunk(pieceBytes))
        {
            units.Write(piece);
        }
    }
}
