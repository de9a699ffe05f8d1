using System.Diagnostics;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Xunit;
using static Sluice.Media.Tests.Building.BoxWriting;

namespace Sluice.Media.Tests.IsoBmff;

/// <summary>Files made to hurt: memory bounded by the file, time linear in it, a reason at the end (correctness.md A.20).</summary>
public sealed class HostileTests
{
    private const uint Huge = 0xFFFF_FFFF;

    public static TheoryData<string> Tables => ["stts", "ctts", "stsc", "stco", "co64", "stss", "stsd", "stsz", "stz2"];

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_count_of_4_billion_in_a_table_of_100_bytes_allocates_nothing(string table)
    {
        uint[] head = table switch
        {
            "stsz" => [0, Huge],
            "stz2" => [4, Huge],
            _ => [Huge],
        };
        var box = Words(table, [.. head, .. Enumerable.Repeat(1u, 20)]);
        var builder = new Mp4Builder().Audio(a =>
        {
            a.Packets(4).Table(table, box);
            if (table is "stz2" or "co64")
            {
                a.Table(table == "stz2" ? "stsz" : "stco", null);
                a.Coding(table == "stz2" ? SizeCoding.Compact16 : SizeCoding.Full);
            }
        });

        AllocatedBy(builder.Source()).ShouldBeLessThan(1 << 20);
    }

    [Fact]
    public void A_constant_size_with_a_count_of_4_billion_ends_with_the_file()
    {
        var source = new Mp4Builder().Audio(a => a.Packets(4, size: 1).PerChunk(4)
            .Table("stsz", Words("stsz", 1, Huge)).Table("stsc", Words("stsc", 1, 1, Huge, 1))).Source();

        AllocatedBy(source).ShouldBeLessThan(1 << 20);
        CompiledTrack.ScanOf(source).ShouldSatisfyAllConditions(
            s => s.IsTruncated.ShouldBeTrue(), s => s.SampleCount.ShouldBeLessThan(source.Length));
    }

    [Fact]
    public void An_edit_list_that_claims_4_billion_entries_is_damaged()
    {
        var source = new Mp4Builder().Audio(a => a.Packets(4).With(Box("edts", Words("elst", Huge, 1, 1, 1)))).Source();

        AllocatedBy(source).ShouldBeLessThan(1 << 20);
        CompiledTrack.Read(source).Tracks[0].Problem.ShouldNotBeNull().ShouldContain("elst");
    }

    [Theory]
    [InlineData(0x01u, 0u)]  // No field for a sample and no default size: endless samples of nothing.
    [InlineData(0x01u, 1u)]  // One byte each, four billion of them.
    [InlineData(0x201u, 0u)] // Sizes that are not there.
    public void Runs_that_claim_4_billion_samples_end(uint runFlags, uint defaultSize)
    {
        var trun = FullBox("trun", 0, runFlags, w =>
        {
            w.WriteUInt32(Huge);
            w.WriteInt32(0);
        });
        var source = Fragmented(defaultSize, Enumerable.Repeat(trun, 50));

        AllocatedBy(source).ShouldBeLessThan(1 << 20);
        var scan = CompiledTrack.ScanOf(source);
        (scan.Problem is not null || scan.IsTruncated).ShouldBeTrue();
    }

    [Fact]
    public void Runs_of_empty_samples_end()
    {
        var trun = FullBox("trun", 0, 0x201, w =>
        {
            w.WriteUInt32(100_000);
            w.WriteInt32(0);
            w.WriteZeros(400_000);
        });

        CompiledTrack.ScanOf(Fragmented(0, [trun])).Problem.ShouldNotBeNull();
    }

    [Fact]
    public void A_million_tiny_boxes_take_linear_time()
    {
        var tiny = Enumerable.Repeat(Box("free"), 1_000_000).SelectMany(b => b).ToArray();

        foreach (var place in (Func<byte[]>[])
            [
                () => new Mp4Builder().First(tiny).Audio(a => a.Packets(4)).Build(),
                () => new Mp4Builder().InMovie(tiny).Audio(a => a.Packets(4)).Build(),
                () => new Mp4Builder().Audio(a => a.Packets(4).With(tiny)).Build(),
                () => new Mp4Builder().Audio(a => a.Packets(4).Table("stts", [.. tiny, .. Words("stts", 1, 4, 1024)])).Build(),
            ])
        {
            var source = new MemoryByteSource(place());
            var watch = Stopwatch.StartNew();
            CompiledTrack.ScanOf(source).Problem.ShouldBeNull();
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public void Boxes_nested_without_end_are_no_recursion()
    {
        var nested = new SpanWriter();
        for (var depth = 100_000; depth > 0; depth--)
        {
            nested.WriteUInt32((uint)depth * 8);
            nested.WriteBytes("moov"u8);
        }

        MovieReader.TryRead(new MemoryByteSource(nested.ToArray()), out var reason).ShouldBeNull();
        reason.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void A_thousand_tracks_are_not_believed()
    {
        var builder = new Mp4Builder();
        for (var i = 0; i < 1000; i++)
        {
            builder.Audio(a => a.Packets(1, size: 4));
        }

        CompiledTrack.Read(builder.Source()).Tracks.Count.ShouldBe(256);
    }

    [Fact]
    public void Millions_of_samples_without_a_place_to_cut_are_refused_and_not_gathered()
    {
        // 3 MB of file, 2.9 million samples of one byte, of which only the first is a sync sample.
        const int count = 2_900_000;
        var builder = new Mp4Builder().Video(v =>
        {
            v.Sample(new SampleSpec(Payload.Of(1, 0, count), 1));
            v.Table("stsz", Words("stsz", 1, count)).Table("stsc", Words("stsc", 1, 1, count, 1)).Table("stss", Words("stss", 1, 1));
        });

        CompiledTrack.ScanOf(builder.Source()).KeptCount.ShouldBe(count);
        CompiledTrack.ProblemOf(builder.Source()).ShouldNotBeNull().ShouldContain("no place to cut");
    }

    private static MemoryByteSource Fragmented(uint defaultSize, IEnumerable<byte[]> runs)
    {
        var whole = new Mp4Builder().Audio(a => a.Packets(1)).Fragmented(1).Build();
        var head = whole.AsSpan(0, whole.AsSpan().IndexOf("moof"u8) - 4).ToArray();
        var tfhd = FullBox("tfhd", 0, 0x20010, w =>
        {
            w.WriteUInt32(1);
            w.WriteUInt32(defaultSize);
        });
        byte[][] traf = [tfhd, .. runs];
        return new MemoryByteSource((byte[])[.. head, .. Box("moof", Words("mfhd", 1), Box("traf", traf)), .. Box("mdat", new byte[5000])]);
    }

    private static long AllocatedBy(IByteSource source)
    {
        Read(); // Whatever is allocated once for all.
        var before = GC.GetAllocatedBytesForCurrentThread();
        Read();
        return GC.GetAllocatedBytesForCurrentThread() - before;

        void Read()
        {
            if (MovieReader.TryRead(source, out _) is { } movie)
            {
                TrackScan.Run(source, movie, movie.Tracks[0]);
            }
        }
    }
}
