using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>The track index as bytes: what is written is read back, and nothing else is taken for one.</summary>
public sealed class IndexFormatTests
{
    [Fact]
    public void Extents_round_trip() => Prop.ForAll<long, int, int>((offset, length, source) =>
    {
        var bytes = new byte[Extent.Size];
        new Extent(offset, length, source).WriteTo(bytes);
        return Extent.Read(bytes) == new Extent(offset, length, source);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Rows_round_trip() => Prop.ForAll<long, long, int>((start, duration, head) =>
    {
        var payload = start - duration;
        var entry = new SegmentEntry(new SegmentTiming(start, duration), head + payload, start ^ payload, head, head / 3);
        var bytes = new byte[SegmentEntry.Size];
        entry.WriteTo(bytes);
        return SegmentEntry.Read(bytes) == entry;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Footers_round_trip_when_all_lies_inside()
    {
        var footer = new TrackIndexFooter(3, 100, 220, 30, 250, 50);
        var bytes = new byte[TrackIndexFooter.Size];
        footer.WriteTo(bytes);

        TrackIndexFooter.TryRead(bytes, 300 + 64, out var read).ShouldBeTrue();
        read.ShouldBe(footer);
        TrackIndexFooter.TryRead(bytes, 299 + 64, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0)]
    [InlineData(-1, 0, 0, 0, 0, 0)]
    [InlineData(1, -1, 0, 0, 0, 0)]
    [InlineData(1, long.MaxValue, 0, 0, 0, 0)]
    [InlineData(int.MaxValue, 0, 0, 0, 0, 0)]
    [InlineData(1, 0, long.MaxValue, 1, 0, 0)]
    [InlineData(1, 0, 0, -1, 0, 0)]
    [InlineData(1, 0, 0, 0, long.MinValue, 1)]
    [InlineData(1, 0, 0, 0, 0, int.MaxValue)]
    public void Footers_that_point_outside_are_none(int count, long table, long init, int initBytes, long summary, int summaryBytes)
    {
        var bytes = new byte[TrackIndexFooter.Size];
        new TrackIndexFooter(count, table, init, initBytes, summary, summaryBytes).WriteTo(bytes);

        TrackIndexFooter.TryRead(bytes, 1000, out _).ShouldBeFalse();
    }

    [Fact]
    public void Another_version_or_magic_is_none()
    {
        for (var at = 52; at < 64; at++)
        {
            var bytes = new byte[TrackIndexFooter.Size];
            new TrackIndexFooter(1, 0, 0, 0, 0, 0).WriteTo(bytes);
            TrackIndexFooter.TryRead(bytes, 1000, out _).ShouldBeTrue();
            bytes[at] ^= 1;
            TrackIndexFooter.TryRead(bytes, 1000, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void An_index_that_was_cut_off_anywhere_is_none()
    {
        var index = Index(3);

        TrackIndexReader.TryOpen(new MemoryByteSource(index)).ShouldNotBeNull();
        for (var length = 0; length < index.Length; length++)
        {
            TrackIndexReader.TryOpen(new MemoryByteSource(index.AsMemory(0, length))).ShouldBeNull();
        }
    }

    [Fact]
    public void Rows_outside_the_table_are_none()
    {
        var reader = TrackIndexReader.TryOpen(new MemoryByteSource(Index(3))).ShouldNotBeNull();

        reader.ReadEntry(0).ShouldBeNull();
        reader.ReadEntry(4).ShouldBeNull();
        reader.ReadEntry(-1).ShouldBeNull();
        reader.ReadEntry(3).ShouldNotBeNull();
    }

    [Fact]
    public void Many_extents_and_rows_are_read_back()
    {
        var reader = TrackIndexReader.TryOpen(new MemoryByteSource(Index(1500, extents: 200))).ShouldNotBeNull();

        reader.ReadTimings().ShouldBe(Enumerable.Range(0, 1500).Select(n => new SegmentTiming(n * 10L, 10)));
        var entry = reader.ReadEntry(1500).ShouldNotBeNull();
        var blob = reader.ReadBlob(entry).ShouldNotBeNull();
        Enumerable.Range(0, 200).Select(i => Extent.Read(blob.AsSpan(entry.HeadBytes + (i * Extent.Size))))
            .ShouldBe(Enumerable.Range(0, 200).Select(i => new Extent(1499 + (i * 1000L), 7, i % 2)));
    }

    [Fact]
    public void Rows_that_point_outside_the_file_give_no_blob()
    {
        var reader = TrackIndexReader.TryOpen(new MemoryByteSource(Index(1))).ShouldNotBeNull();

        SegmentEntry[] hostile =
        [
            new(default, 0, long.MaxValue, 10, 0), new(default, 0, -5, 10, 0), new(default, 0, 0, -1, 0),
            new(default, 0, 0, int.MaxValue, int.MaxValue), new(default, 0, 0, 1, -1), new(default, 0, 0, 1 << 30, 0),
        ];
        var before = GC.GetAllocatedBytesForCurrentThread();
        hostile.ShouldAllBe(e => reader.ReadBlob(e) == null);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
    }

    private static byte[] Index(int segments, int extents = 1)
    {
        var sink = new ArraySink();
        var writer = new TrackIndexWriter(sink);
        for (var n = 0; n < segments; n++)
        {
            var all = Enumerable.Range(0, extents).Select(i => new Extent(n + (i * 1000L), 7, i % 2)).ToArray();
            writer.Append(new SegmentTiming(n * 10L, 10), [1, 2, 3, 4, 5], all, 7L * extents);
        }

        writer.Finish([9, 9, 9], new TrackSummary
        {
            Id = "v0",
            Kind = TrackKind.Video,
            Codecs = "avc1.64000A",
            Timescale = 1000,
            SegmentCount = segments,
            StartTicks = 0,
            EndTicks = segments * 10L,
            LongestSegmentTicks = 10,
            PeakBitsPerSecond = 1,
            AverageBitsPerSecond = 1,
        });
        return sink.ToArray();
    }

    private sealed class ArraySink : IByteSink
    {
        private readonly SpanWriter _bytes = new();

        public void Write(ReadOnlySpan<byte> bytes) => _bytes.WriteBytes(bytes);

        public byte[] ToArray() => _bytes.ToArray();
    }
}
