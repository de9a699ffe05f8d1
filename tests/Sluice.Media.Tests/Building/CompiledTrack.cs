using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Tests.Building;

/// <summary>One segment as a player gets it.</summary>
/// <param name="Entry">Its row in the index.</param>
/// <param name="DecodeTicks">From <c>tfdt</c>.</param>
/// <param name="Samples">From <c>trun</c>.</param>
/// <param name="Head">All bytes before the payload.</param>
/// <param name="Payload">The payload.</param>
internal sealed record CompiledSegment(
    SegmentEntry Entry, long DecodeTicks, IReadOnlyList<SegmentSample> Samples, byte[] Head, byte[] Payload)
{
    /// <summary>Presentation times in decode order.</summary>
    public IEnumerable<long> Presentation()
    {
        var decode = DecodeTicks;
        foreach (var sample in Samples)
        {
            yield return decode + sample.CompositionOffset;
            decode += sample.DurationTicks;
        }
    }

    public long DurationTicks => Samples.Sum(s => (long)s.DurationTicks);

    /// <summary>The payload cut into samples.</summary>
    public IEnumerable<byte[]> Payloads()
    {
        var at = 0;
        foreach (var sample in Samples)
        {
            yield return Payload[at..(at += sample.SizeBytes)];
        }
    }
}

/// <summary>A track that went all the way: read, scanned, compiled, and read back through its index.</summary>
internal sealed record CompiledTrack(
    Movie Movie, TrackScan Scan, TrackSummary Summary, byte[] Init, IReadOnlyList<CompiledSegment> Segments, long OriginTicks)
{
    public IReadOnlyList<SegmentTiming> Timings => [.. Segments.Select(s => s.Entry.Timing)];

    public IEnumerable<SegmentSample> Samples => Segments.SelectMany(s => s.Samples);

    public IEnumerable<byte[]> Payloads => Segments.SelectMany(s => s.Payloads());

    /// <summary>Presentation times in decode order, without the origin: what the source's edit list says.</summary>
    public IEnumerable<long> Presentation => Segments.SelectMany(s => s.Presentation()).Select(p => p - OriginTicks);

    /// <summary>The init segment and all media segments, one after the other, as a player would append them.</summary>
    public byte[] Whole => [.. Init, .. Segments.SelectMany(s => s.Head.Concat(s.Payload))];

    /// <summary>Reads the movie; the test fails with the reason when there is none.</summary>
    public static Movie Read(IByteSource source)
    {
        var movie = MovieReader.TryRead(source, out var reason);
        reason.ShouldBeNull();
        return movie!;
    }

    /// <summary>Scans one track.</summary>
    public static TrackScan ScanOf(IByteSource source, int track = 0)
    {
        var movie = Read(source);
        return TrackScan.Run(source, movie, movie.Tracks[track]);
    }

    /// <summary>The whole seconds that bring all tracks to zero or later, as the server chooses them.</summary>
    public static long OriginOf(IByteSource source)
    {
        var movie = Read(source);
        return movie.Tracks.Where(t => t.Problem is null).Max(t =>
        {
            var before = -TrackScan.Run(source, movie, t).FirstDecodeTicks;
            return before > 0 ? (before + t.Timescale - 1) / t.Timescale : 0;
        });
    }

    /// <summary>Compiles one track and reads all of it back; the test fails on any problem.</summary>
    public static CompiledTrack Compile(
        IByteSource source, int track = 0, double targetSeconds = 2, long? originSeconds = null, CompiledTrack? leader = null,
        MemorySink? sink = null)
    {
        var movie = Read(source);
        var movieTrack = movie.Tracks[track];
        movieTrack.Problem.ShouldBeNull();
        var scan = TrackScan.Run(source, movie, movieTrack);
        scan.Problem.ShouldBeNull();
        var description = SampleDescription.TryParse(movieTrack.SampleEntries[scan.DescriptionIndex - 1], movieTrack.Kind);
        description.ShouldNotBeNull().Problem.ShouldBeNull();
        sink ??= new MemorySink();
        var origin = originSeconds ?? TimelineOrigin.SecondsFor([(scan, movieTrack.Timescale)]);
        var compiled = TrackCompiler.Compile(source, movieTrack, description, scan, new TrackCompilerOptions
        {
            Id = $"t{track}",
            TrackId = (uint)track + 1,
            TargetSeconds = targetSeconds,
            OriginSeconds = origin,
            Leader = leader is null ? null : (leader.Timings, leader.Summary.Timescale),
        }, sink, out var problem);
        problem.ShouldBeNull();
        compiled.ShouldNotBeNull();
        var reader = TrackIndexReader.TryOpen(sink.Source()).ShouldNotBeNull();
        reader.ReadTimings().ShouldBe(compiled.Value.Segments);
        var segments = Enumerable.Range(1, reader.SegmentCount).Select(n => ReadSegment(source, reader, n)).ToList();
        return new CompiledTrack(movie, scan, reader.Summary, reader.Init.ToArray(), segments, origin * movieTrack.Timescale);
    }

    /// <summary>Why the first track cannot be compiled although it can be scanned.</summary>
    public static string? ProblemOf(IByteSource source)
    {
        var movie = Read(source);
        var track = movie.Tracks[0];
        var scan = TrackScan.Run(source, movie, track);
        scan.Problem.ShouldBeNull();
        var description = SampleDescription.TryParse(track.SampleEntries[0], track.Kind).ShouldNotBeNull();
        var origin = TimelineOrigin.SecondsFor([(scan, track.Timescale)]);
        var options = new TrackCompilerOptions { Id = "t", TrackId = 1, TargetSeconds = 2, OriginSeconds = origin };
        TrackCompiler.Compile(source, track, description, scan, options, new NullSink(), out var problem).ShouldBeNull();
        return problem;
    }

    private static CompiledSegment ReadSegment(IByteSource source, TrackIndexReader reader, int number)
    {
        var entry = reader.ReadEntry(number).ShouldNotBeNull();
        var blob = reader.ReadBlob(entry).ShouldNotBeNull();
        var head = blob[..entry.HeadBytes];
        var payload = new byte[entry.PayloadBytes];
        var at = 0;
        for (var i = 0; i < entry.ExtentCount; i++)
        {
            var extent = Extent.Read(blob.AsSpan(entry.HeadBytes + (i * Extent.Size)));
            source.Read(extent.Offset, payload.AsSpan(at, extent.LengthBytes)).ShouldBe(extent.LengthBytes);
            at += extent.LengthBytes;
        }

        at.ShouldBe(payload.Length);
        var samples = new List<SegmentSample>();
        var decode = SegmentHeadReader.TryRead(head, samples).ShouldNotBeNull();
        samples.Sum(s => (long)s.SizeBytes).ShouldBe(entry.PayloadBytes);
        return new CompiledSegment(entry, decode, samples, head, payload);
    }
}
