using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Arriving;

/// <summary>An 11-hour title that arrives in ten thousand pieces costs what it costs at once (A.19).</summary>
public sealed class StepwiseCostTests
{
    private const int Steps = 10_000;

    [Fact]
    public void Ten_thousand_steps_read_and_allocate_no_more_than_one()
    {
        var file = LongTitle.Of(TimeSpan.FromHours(11));

        var once = CostOf(file, 1);
        var stepwise = CostOf(file, Steps);

        stepwise.Index.ShouldBe(once.Index);
        stepwise.Reads.ShouldBe(once.Reads);
        stepwise.Bytes.ShouldBe(once.Bytes);
        stepwise.Allocated.ShouldBeLessThan(once.Allocated + (1 << 20));
    }

    private static (long Reads, long Bytes, long Allocated, long Index) CostOf(IByteSource file, int steps)
    {
        var source = new CountingByteSource(file);
        var movie = CompiledTrack.Read(source);
        var scans = movie.Tracks.Select(t => TrackScan.Run(source, movie, t)).ToList();
        source.Reset();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var sink = new NullSink();
        TrackCompiler? picture = null;
        var compilers = movie.Tracks.Zip(scans).Select(t =>
        {
            var description = SampleDescription.TryParse(t.First.SampleEntries[0], t.First.Kind).ShouldNotBeNull();
            var compiler = TrackCompiler.Start(source, t.First, description, t.Second, new TrackCompilerOptions
            {
                Id = "t",
                TrackId = 1,
                TargetSeconds = 4,
                Following = picture,
            }, sink);
            picture ??= compiler;
            return compiler;
        }).ToList();
        for (var step = 1; step <= steps; step++)
        {
            foreach (var compiler in compilers)
            {
                compiler.Advance(step == steps ? file.Length : file.Length / steps * step);
            }
        }

        compilers.ShouldAllBe(c => c.IsDone);
        return (source.Reads, source.BytesRead, GC.GetAllocatedBytesForCurrentThread() - allocated, sink.Length);
    }
}
