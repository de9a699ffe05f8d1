using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>A chunk is a head that <see cref="SegmentHeadReader"/> reads back, and then the payload.</summary>
public sealed class ChunkSegmentTests
{
    private static readonly SegmentSample[] Samples = [new(3, 40, 80, true), new(2, 40, 0, false), new(4, 40, 40, false)];
    private static readonly ReadOnlyMemory<byte>[] Payload = [new byte[] { 1, 2 }, new byte[] { 3, 4, 5 }, new byte[] { 6, 7, 8, 9 }];

    [Fact]
    public void Head_and_payload_follow_each_other()
    {
        var w = new SpanWriter();
        w.WriteUInt32(42); // What is there already stays.

        var head = ChunkSegment.Write(w, 3, 7, 90_000, Samples, Payload);

        var segment = w.ToArray()[4..];
        segment[head..].ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9]);
        var read = new List<SegmentSample>();
        SegmentHeadReader.TryRead(segment.AsMemory(0, head), read).ShouldBe(90_000);
        read.ShouldBe(Samples);
        BoxReader.Find(BoxReader.Find(segment, "moof"), "mfhd")[4..].ToArray().ShouldBe([0, 0, 0, 7]);
        BoxReader.Find(segment, "mdat").Length.ShouldBe(9);
    }

    [Fact]
    public void Samples_and_payload_must_agree()
    {
        Should.Throw<ArgumentException>(() => ChunkSegment.Write(new SpanWriter(), 1, 1, 0, Samples, Payload[..2]));
        Should.Throw<ArgumentException>(() => ChunkSegment.Write(new SpanWriter(), 1, 1, 0, [], []));
        Should.Throw<ArgumentOutOfRangeException>(() => ChunkSegment.Write(new SpanWriter(), 1, 0, 0, Samples, Payload));
        Should.Throw<ArgumentOutOfRangeException>(() => ChunkSegment.Write(new SpanWriter(), 1, 1, -1, Samples, Payload));
    }
}
