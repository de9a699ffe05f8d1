using System.Diagnostics;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>An 11-hour title costs seconds and little memory, and its last segment what its first does (A.19).</summary>
public sealed class LongTitleTests
{
    private const long Hours = 11;

    [Fact]
    public void Eleven_hours_compile_in_seconds_and_below_100_MB()
    {
        var source = LongTitle.Of(TimeSpan.FromHours(Hours));
        source.Length.ShouldBeGreaterThan(4L << 30);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();

        var (video, timings) = Compile(source, 0, new NullSink(), null);
        var (audio, _) = Compile(source, 1, new NullSink(), (timings, video.Timescale));

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(120)); // A debug build on a shared machine; really about two.
        (GC.GetAllocatedBytesForCurrentThread() - allocated).ShouldBeLessThan(100 << 20); // All of it together, kept or not.
        video.SegmentCount.ShouldBe((int)(Hours * 900));
        video.EndTicks.ShouldBe(Hours * 3600 * 30);
        audio.EndTicks.ShouldBe(Hours * 3600 * 44_032);
        audio.SegmentCount.ShouldBe(video.SegmentCount);
    }

    [Fact]
    public void The_last_segment_costs_what_the_first_does()
    {
        var sink = new MemorySink();
        Compile(LongTitle.Of(TimeSpan.FromHours(1)), 0, sink, null);
        var counting = new CountingByteSource(sink.Source());
        var index = TrackIndexReader.TryOpen(counting).ShouldNotBeNull();
        counting.BytesRead.ShouldBeLessThan(8192); // Opening reads no row.

        var first = Cost(1);
        var last = Cost(index.SegmentCount);

        last.ShouldBe(first);
        first.Reads.ShouldBe(2);

        (long Reads, long Bytes) Cost(int number)
        {
            counting.Reset();
            index.ReadBlob(index.ReadEntry(number).ShouldNotBeNull()).ShouldNotBeNull();
            return (counting.Reads, counting.BytesRead);
        }
    }

    private static (TrackSummary Summary, IReadOnlyList<SegmentTiming> Segments) Compile(
        IByteSource source, int track, IByteSink sink, (IReadOnlyList<SegmentTiming>, uint)? leader)
    {
        var movie = CompiledTrack.Read(source);
        var movieTrack = movie.Tracks[track];
        var scan = TrackScan.Run(source, movie, movieTrack);
        scan.Problem.ShouldBeNull();
        var description = SampleDescription.TryParse(movieTrack.SampleEntries[0], movieTrack.Kind).ShouldNotBeNull();
        return TrackCompiler.Compile(source, movieTrack, description, scan, new TrackCompilerOptions
        {
            Id = "t",
            TrackId = 1,
            TargetSeconds = 4,
            Leader = leader,
        }, sink, out _).ShouldNotBeNull();
    }
}
