using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>A segment's head is written and read back (correctness.md A.4, A.7).</summary>
public sealed class SegmentWriterTests
{
    private static readonly uint[] Durations = [0, 1, 512, uint.MaxValue];
    private static readonly int[] Offsets = [0, 0, 1024, -512, int.MinValue, int.MaxValue];

    [Fact]
    public void What_is_written_is_read_back()
    {
        var one = from size in Gen.OneOf(Gen.Choose(0, 2), Gen.Choose(0, 100_000))
                  from duration in Gen.Elements(Durations)
                  from offset in Gen.Elements(Offsets)
                  from sync in Gen.Elements(true, false)
                  select new SegmentSample(size, duration, offset, sync);
        var same = from sample in one
                   from count in Gen.Choose(1, 30)
                   select Enumerable.Repeat(sample, count).ToArray();
        var any = one.ArrayOf().Where(a => a.Length > 0);

        Prop.ForAll(Gen.OneOf(any, same).ToArbitrary(), samples =>
        {
            var head = Write(samples, 1L << 40);
            var read = new List<SegmentSample>();
            return SegmentHeadReader.TryRead(head, read) == 1L << 40 && read.SequenceEqual(samples);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Data_follows_the_head_at_once()
    {
        var head = Write([new(100, 1, 0, true), new(50, 1, 0, false)], 0);
        var moof = At(head, "moof");
        var trun = At(head, "trun");

        var dataOffset = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(trun + 16));
        (moof + dataOffset).ShouldBe(head.Length);
        BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(head.Length - 8)).ShouldBe(158u);
    }

    [Fact]
    public void A_payload_beyond_4_GiB_gets_a_64_bit_mdat()
    {
        var samples = Enumerable.Repeat(new SegmentSample(1 << 30, 1, 0, true), 5).ToArray();
        var head = Write(samples, 0);
        var moof = At(head, "moof");

        BoxHeader.TryRead(head.AsSpan(head.Length - 16), out var mdat).ShouldBeTrue();
        mdat.ShouldBe(new BoxHeader("mdat", (5L << 30) + 16, 16));
        (moof + BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(At(head, "trun") + 16))).ShouldBe(head.Length);
    }

    [Theory]
    [InlineData(uint.MaxValue - 8L, 8)]
    [InlineData(uint.MaxValue - 7L, 16)]
    public void The_64_bit_header_begins_where_32_bits_end(long payload, int headerBytes)
    {
        var w = new SpanWriter();
        SegmentWriter.WriteHead(w, 1, 1, 0, [new SegmentSample(1, 1, 0, true)], payload);

        BoxHeader.TryRead(w.WrittenSpan[^headerBytes..], out var mdat).ShouldBeTrue();
        mdat.ShouldBe(new BoxHeader("mdat", payload + headerBytes, headerBytes));
    }

    [Fact]
    public void Runs_are_version_1_and_decode_times_are_64_bit_and_never_negative()
    {
        var head = Write([new(1, 1, -5, true), new(1, 1, 5, false)], 7);

        head[At(head, "trun") + 8].ShouldBe((byte)1);
        head[At(head, "tfdt") + 8].ShouldBe((byte)1);
        Should.Throw<ArgumentOutOfRangeException>(() => Write([new(1, 1, 0, true)], -1));
    }

    [Fact]
    public void Sync_flags_say_what_depends_on_what()
    {
        // ISO/IEC 14496-12 section 8.8.3.1: an I picture depends on nothing (2), others do (1) and are no sync samples.
        var head = Write([new(1, 1, 0, true), new(1, 1, 0, false), new(1, 1, 0, false)], 0);
        var trun = At(head, "trun");
        var tfhd = At(head, "tfhd");

        BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(trun + 20)).ShouldBe(0x0200_0000u); // first_sample_flags
        BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(tfhd + 24)).ShouldBe(0x0101_0000u); // default, after duration and size
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(60)]
    public void A_head_that_was_cut_off_is_none(int length) =>
        SegmentHeadReader.TryRead(Write([new(1, 1, 0, true)], 0).AsMemory(0, length), []).ShouldBeNull();

    [Fact]
    public void A_head_that_claims_samples_without_end_is_none()
    {
        var head = Write(Enumerable.Repeat(new SegmentSample(1, 1, 0, true), 3).ToArray(), 0);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(At(head, "trun") + 12), uint.MaxValue);

        SegmentHeadReader.TryRead(head, []).ShouldBeNull();
    }

    private static byte[] Write(SegmentSample[] samples, long decodeTicks)
    {
        var w = new SpanWriter();
        SegmentWriter.WriteHead(w, 3, 9, decodeTicks, samples, samples.Sum(s => (long)s.SizeBytes));
        return w.ToArray();
    }

    /// <summary>Where the box of <paramref name="type"/> starts.</summary>
    private static int At(byte[] head, string type) =>
        head.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(type)) - 4;
}
