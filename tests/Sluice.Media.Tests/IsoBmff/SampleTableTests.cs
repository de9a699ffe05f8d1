using Shouldly;
using Sluice.Media.Tests.Building;
using Xunit;
using static Sluice.Media.Tests.Building.BoxWriting;

namespace Sluice.Media.Tests.IsoBmff;

/// <summary>The tables of <c>stbl</c>, honest and otherwise (correctness.md A.4, A.10, A.19).</summary>
public sealed class SampleTableTests
{
    [Theory]
    [InlineData(SizeCoding.Full, 0)]
    [InlineData(SizeCoding.Constant, 9)]
    [InlineData(SizeCoding.Compact4, 15)]
    [InlineData(SizeCoding.Compact8, 0)]
    [InlineData(SizeCoding.Compact16, 0)]
    internal void Sizes_in_every_coding(SizeCoding coding, int size)
    {
        var builder = new Mp4Builder().Audio(a => a.Packets(21, size: size).Coding(coding));

        CompiledTrack.Compile(builder.Source()).Payloads
            .ShouldBe(builder.Tracks[0].Samples.Select(s => s.Payload), new SameBytes());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Composition_offsets_are_signed_in_both_versions(byte version)
    {
        int[] offsets = [0, 2, -1, -1];
        var builder = new Mp4Builder().Video(v => v.Scale(5).Frames("IpppIppp", 1, offsets).OffsetsInVersion(version));

        LayoutTests.SamplesOf(builder.Source(), 0).Take(4).Select(s => s.CompositionTicks - s.DecodeTicks)
            .ShouldBe([0, 2, -1, -1]);
    }

    [Fact]
    public void No_sync_table_means_all_and_an_empty_one_means_none()
    {
        var absent = new Mp4Builder().Video(v => v.Frames("IpIp").Coding(SyncCoding.Absent)).Source();
        var empty = new Mp4Builder().Video(v => v.Frames("IpIp").Coding(SyncCoding.Empty)).Source();

        LayoutTests.SamplesOf(absent, 0).ShouldAllBe(s => s.IsSync);
        LayoutTests.SamplesOf(empty, 0).ShouldAllBe(s => !s.IsSync);
        CompiledTrack.Read(absent).Tracks[0].HasSyncTable.ShouldBeFalse();
        CompiledTrack.Read(empty).Tracks[0].HasSyncTable.ShouldBeTrue();
    }

    [Fact]
    public void Sync_numbers_out_of_order_or_repeated_do_not_hide_later_ones()
    {
        var source = new Mp4Builder()
            .Video(v => v.Frames("IpIpIp").Table("stss", Words("stss", 4, 1, 3, 3, 5))).Source();

        LayoutTests.SamplesOf(source, 0).Select(s => s.IsSync).ShouldBe([true, false, true, false, true, false]);
    }

    [Fact]
    public void Run_tables_go_on_with_their_last_value()
    {
        var source = new Mp4Builder().Audio(a => a.Packets(5).Table("stts", Words("stts", 1, 2, 1000))).Source();

        LayoutTests.SamplesOf(source, 0).Select(s => s.DecodeTicks).ShouldBe([0, 1000, 2000, 3000, 4000]);
    }

    [Fact]
    public void Chunks_of_changing_size()
    {
        // Three chunks of 2, 1 and 3 samples, told by a table of three rows over data that lies in a row.
        var builder = new Mp4Builder().Audio(a => a.Packets(6, size: 10).PerChunk(6));
        var at = (uint)LayoutTests.SamplesOf(builder.Source(), 0)[0].Offset;
        var table = Words("stsc", 3, 1, 2, 1, 2, 1, 1, 3, 3, 1);
        var longer = (uint)table.Length - 28 + 8;
        builder = new Mp4Builder().Audio(a => a.Packets(6, size: 10).Table("stsc", table)
            .Table("stco", Words("stco", 3, at + longer, at + longer + 20, at + longer + 30)));

        CompiledTrack.Compile(builder.Source()).Payloads
            .ShouldBe(builder.Tracks[0].Samples.Select(s => s.Payload), new SameBytes());
    }

    [Theory]
    [InlineData(new uint[] { 1, 2, 4, 1 }, "does not begin at the first chunk")]
    [InlineData(new uint[] { 2, 1, 4, 1, 1, 2, 1 }, "runs backwards")]
    [InlineData(new uint[] { 2, 1, 4, 1, 99, 2, 1 }, "names chunk 99")]
    [InlineData(new uint[] { 1, 1, 1, 1 }, "end before its")]
    [InlineData(new uint[] { 0 }, "does not begin at the first chunk")]
    public void Contradictions_of_the_chunk_table_are_named(uint[] rows, string named)
    {
        var source = new Mp4Builder().Audio(a => a.Packets(20).Table("stsc", Words("stsc", rows))).Source();

        CompiledTrack.ScanOf(source).Problem.ShouldNotBeNull().ShouldContain(named);
    }

    [Theory]
    [InlineData("stsc")]
    [InlineData("stco")]
    [InlineData("stsz")]
    public void A_missing_table_is_a_problem(string table)
    {
        var source = new Mp4Builder().Audio(a => a.Packets(20).Table(table, null)).Source();

        CompiledTrack.ScanOf(source).Problem.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void A_track_without_samples_is_a_problem_of_its_own_only()
    {
        var source = new Mp4Builder().Video(_ => { }).Audio(a => a.Packets(20)).Source();

        CompiledTrack.ScanOf(source, 0).Problem.ShouldBe("it has no samples");
        CompiledTrack.ScanOf(source, 1).Problem.ShouldBeNull();
    }

    [Fact]
    public void A_timescale_of_zero_is_a_problem_of_its_own_only()
    {
        var movie = CompiledTrack.Read(new Mp4Builder().Video(v => v.Scale(0).Frames("Ip")).Audio(a => a.Packets(9)).Source());

        movie.Tracks[0].Problem.ShouldBe("its timescale is zero");
        movie.Tracks[1].Problem.ShouldBeNull();
    }

    [Fact]
    public void Several_descriptions_are_fine_while_one_is_used()
    {
        var one = new Mp4Builder().Video(v => v.Frames("IpIp").Entry(SampleEntries.Avc)
            .Each((s, _) => s with { Description = 2 })).Source();
        var both = new Mp4Builder().Video(v => v.Frames("IpIp").Entry(SampleEntries.Avc)
            .Each((s, i) => s with { Description = i < 2 ? 1 : 2 })).Source();

        CompiledTrack.ScanOf(one).ShouldSatisfyAllConditions(s => s.Problem.ShouldBeNull(), s => s.DescriptionIndex.ShouldBe(2));
        CompiledTrack.ScanOf(both).ShouldSatisfyAllConditions(
            s => s.Problem.ShouldNotBeNull().ShouldContain("several sample descriptions"), s => s.EncodingHelps.ShouldBeTrue());
    }

    [Theory]
    [InlineData("stsz", new uint[] { 100, 400 })]
    [InlineData("stsz", new uint[] { 0, 400, 10, 10, 10 })]
    [InlineData("stz2", new uint[] { 8, 400, 0x0A0A0A0A })]
    public void A_count_of_sizes_that_nothing_stands_behind_is_said_to_be_cut_off(string type, uint[] words)
    {
        var source = new Mp4Builder().Audio(a => a.Packets(20, size: 10).Table("stsz", null)
            .Table(type, Words(type, words)).Coding(type == "stz2" ? SizeCoding.Compact8 : SizeCoding.Full)).Source();

        CompiledTrack.ScanOf(source).ShouldSatisfyAllConditions(
            s => s.IsTruncated.ShouldBeTrue(), s => s.KeptCount.ShouldBeInRange(1, 9));
    }

    [Fact]
    public void Overlapping_chunks_that_multiply_the_file_are_a_problem()
    {
        var source = new Mp4Builder().Audio(a => a.Packets(400, size: 100)
            .Table("stsc", Words("stsc", 1, 1, 1, 1))
            .Table("stco", Words("stco", [400, .. Enumerable.Repeat(600u, 400)]))
            .Table("stsz", Words("stsz", [0, 400, .. Enumerable.Repeat(30_000u, 400)]))).Source();

        CompiledTrack.ScanOf(source).Problem.ShouldBe("its samples overlap each other");
    }
}

/// <summary>Byte arrays by content.</summary>
internal sealed class SameBytes : IEqualityComparer<byte[]>
{
    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] bytes) => bytes.Length;
}
