using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>A file that lies far away is compiled by its tables alone.</summary>
public sealed class TableCompilingTests
{
    private static readonly int[] Reordered = [3600, 10800, 0, 0];
    private static readonly string Gops = string.Concat(Enumerable.Repeat("IPBBPBBPBBPB", 12));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_comes_to_the_same_segments_and_reads_no_media(bool movieLast)
    {
        var builder = Film(v => v);
        var file = (movieLast ? builder.MovieLast() : builder).Build();
        var source = new WithoutMedia(file);

        var (video, problem) = Compile(source, 0);

        problem.ShouldBeNull();
        var real = CompiledTrack.Compile(new MemoryByteSource(file));
        var index = TrackIndexReader.TryOpen(video.Source()).ShouldNotBeNull();
        real.Summary.IndependentSegments.ShouldBeTrue();
        index.Summary.ShouldBe(real.Summary with { IndependentSegments = false }); // Nobody has looked.
        index.ReadTimings().ShouldBe(real.Timings);
        index.ReadBlob(index.ReadEntry(2).ShouldNotBeNull()).ShouldNotBeNull().Take(real.Segments[1].Head.Length).ShouldBe(real.Segments[1].Head);
    }

    [Theory]
    [InlineData(SyncCoding.Absent)]
    [InlineData(SyncCoding.Empty)]
    public void Pictures_whose_tables_do_not_tell_key_frames_are_refused(object syncs)
    {
        var (_, problem) = Compile(new MemoryByteSource(Film(v => v.Coding((SyncCoding)syncs)).Build()), 0);

        problem.ShouldNotBeNull().ShouldContain("key frames");
    }

    private static (MemorySink Sink, string? Problem) Compile(IByteSource source, int track)
    {
        var movie = CompiledTrack.Read(source);
        var movieTrack = movie.Tracks[track];
        var scan = TrackScan.Run(source, movie, movieTrack);
        var sink = new MemorySink();
        TrackCompiler.CompileByTables(
            source, movieTrack, SampleDescription.TryParse(movieTrack.SampleEntries[0], movieTrack.Kind).ShouldNotBeNull(), scan,
            new TrackCompilerOptions
            {
                Id = $"t{track}",
                TrackId = (uint)track + 1,
                TargetSeconds = 2,
                OriginSeconds = TimelineOrigin.SecondsFor([(scan, movieTrack.Timescale)]),
            },
            sink, out var problem);
        return (sink, problem);
    }

    private static Mp4Builder Film(Func<TrackSpec, TrackSpec> video) =>
        new Mp4Builder().Video(v => video(v.Frames(Gops, 7200, Reordered))).Audio(a => a.Packets(500));

    /// <summary>A file whose samples cannot be read.</summary>
    private sealed class WithoutMedia : IByteSource
    {
        private readonly MemoryByteSource _file;
        private readonly long _first;
        private readonly long _end;

        public WithoutMedia(byte[] file)
        {
            _file = new MemoryByteSource(file);
            var movie = CompiledTrack.Read(_file);
            var reader = movie.Tracks[0].OpenSamples(_file);
            reader.TryRead(out var sample).ShouldBeTrue();
            _first = sample.Offset;
            do
            {
                _end = sample.Offset + sample.SizeBytes;
            }
            while (reader.TryRead(out sample));
        }

        public long Length => _file.Length;

        public int Read(long offset, Span<byte> destination)
        {
            (offset < _first || offset >= _end).ShouldBeTrue($"{offset} is in the media");
            return _file.Read(offset, destination);
        }
    }
}
