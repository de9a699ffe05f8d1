using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Tests.Building;

/// <summary>One track of an arriving file.</summary>
/// <param name="Track">Its headers.</param>
/// <param name="Options">How it is compiled.</param>
/// <param name="Compiler">What compiles it.</param>
/// <param name="Sink">Its index so far.</param>
internal sealed record ArrivingTrack(MovieTrack Track, TrackCompilerOptions Options, TrackCompiler Compiler, MemorySink Sink)
{
    /// <summary>Entries whose extents were looked at.</summary>
    public int Checked { get; set; }

    /// <summary>Timings, heads and extents so far, so that they compare by value.</summary>
    public IEnumerable<string> Segments() => WholeTrack.SegmentsOf(Compiler.Entries, Sink.Source());
}

/// <summary>One track of a file that was there at once.</summary>
/// <param name="Track">Its headers.</param>
/// <param name="Options">How it is compiled.</param>
/// <param name="Init">Its CMAF header; null with a problem.</param>
/// <param name="Sink">Its index.</param>
/// <param name="Problem">Why there is none.</param>
internal sealed record WholeTrack(MovieTrack Track, TrackCompilerOptions Options, byte[]? Init, MemorySink Sink, string? Problem)
{
    public IEnumerable<string> Segments()
    {
        var reader = TrackIndexReader.TryOpen(Sink.Source()).ShouldNotBeNull();
        return SegmentsOf(Enumerable.Range(1, reader.SegmentCount).Select(n => reader.ReadEntry(n)!.Value), Sink.Source());
    }

    public static IEnumerable<string> SegmentsOf(IEnumerable<SegmentEntry> entries, IByteSource index)
    {
        foreach (var entry in entries)
        {
            var blob = new byte[entry.BlobBytes];
            index.Read(entry.BlobOffset, blob).ShouldBe(blob.Length);
            yield return $"{entry} {Convert.ToHexStringLower(blob)}";
        }
    }
}

/// <summary>A file that arrives, looked at and compiled as far as it has landed, as a server does.</summary>
internal sealed class ArrivingTitle(IByteSource whole, double targetSeconds = 2)
{
    private readonly LandedSource _source = new(whole);

    /// <summary>What its beginning tells.</summary>
    public ArrivalHead Head { get; private set; }

    /// <summary>The tracks that are compiled, picture first; none before it is known that it plays.</summary>
    public List<ArrivingTrack> Tracks { get; } = [];

    /// <summary>Bytes that had landed when it was known that it plays.</summary>
    public long PlayableFrom { get; private set; } = -1;

    /// <summary>The same file, there from the first moment, compiled in one go.</summary>
    public static List<WholeTrack> AtOnce(IByteSource whole, double targetSeconds = 2)
    {
        var tracks = new List<WholeTrack>();
        (IReadOnlyList<SegmentTiming>, uint)? leader = null;
        foreach (var (track, scan, description, options) in Probe(whole, targetSeconds))
        {
            var sink = new MemorySink();
            var compiled = TrackCompiler.Compile(
                whole, track, description, scan, options with { Leader = track.Kind == TrackKind.Audio ? leader : null }, sink, out var problem);
            leader ??= compiled is { } done ? (done.Segments, track.Timescale) : ([], track.Timescale);
            tracks.Add(new WholeTrack(track, options, compiled is null ? null : TrackIndexReader.TryOpen(sink.Source())!.Init.ToArray(), sink, problem));
        }

        return tracks;
    }

    /// <summary>So many bytes are there now. Fails when a segment is offered whose bytes are not.</summary>
    public void Land(long bytes)
    {
        _source.Landed = Math.Min(bytes, whole.Length);
        if (Head.Plays == ArrivalPlays.Unknown && bytes >= Head.NeedBytes)
        {
            Head = ArrivalHead.Look(_source, _source.Landed);
            if (Head.Plays == ArrivalPlays.Unknown && _source.Landed < whole.Length)
            {
                Head.NeedBytes.ShouldBeInRange(_source.Landed + 1, whole.Length);
            }
            else if (Head.Plays == ArrivalPlays.Now)
            {
                PlayableFrom = _source.Landed;
                Start();
            }
        }

        foreach (var track in Tracks)
        {
            track.Compiler.Advance(_source.Landed).ShouldBe(track.Compiler.IsDone || track.Compiler.Problem is not null);
            Check(track);
        }
    }

    private void Check(ArrivingTrack track)
    {
        var entries = track.Compiler.Entries;
        if (track.Checked == entries.Count)
        {
            return;
        }

        var index = track.Sink.Source();
        for (; track.Checked < entries.Count; track.Checked++)
        {
            var entry = entries[track.Checked];
            var blob = new byte[entry.BlobBytes];
            index.Read(entry.BlobOffset, blob).ShouldBe(blob.Length);
            for (var at = entry.HeadBytes; at < blob.Length; at += Extent.Size)
            {
                var extent = Extent.Read(blob.AsSpan(at));
                (extent.Offset + extent.LengthBytes).ShouldBeLessThanOrEqualTo(_source.Landed, "a segment is offered before it is there");
            }
        }
    }

    private void Start()
    {
        foreach (var (track, scan, description, options) in Probe(_source, targetSeconds))
        {
            var sink = new MemorySink();
            var following = track.Kind == TrackKind.Audio && Tracks.Count > 0 ? Tracks[0].Compiler : null;
            Tracks.Add(new ArrivingTrack(
                track, options, TrackCompiler.Start(_source, track, description, scan, options with { Following = following }, sink), sink));
        }
    }

    private static List<(MovieTrack Track, TrackScan Scan, SampleDescription Description, TrackCompilerOptions Options)> Probe(
        IByteSource source, double targetSeconds)
    {
        var movie = CompiledTrack.Read(source);
        var probed = movie.Tracks.Where(t => t.Problem is null && t.Kind is TrackKind.Video or TrackKind.Audio)
            .Select(t => (Track: t, Scan: TrackScan.Run(source, movie, t)))
            .Where(t => t.Scan.Problem is null && t.Scan.DescriptionIndex <= t.Track.SampleEntries.Count)
            .Select(t => (t.Track, t.Scan, Description: SampleDescription.TryParse(t.Track.SampleEntries[t.Scan.DescriptionIndex - 1], t.Track.Kind)))
            .Where(t => t.Description is { Problem: null })
            .OrderBy(t => t.Track.Kind == TrackKind.Video ? 0 : 1).ToList();
        var origin = TimelineOrigin.SecondsFor(probed.Select(t => (t.Scan, t.Track.Timescale)));
        return [.. probed.Select((t, n) => (t.Track, t.Scan, t.Description!, new TrackCompilerOptions
        {
            Id = $"t{n}",
            TrackId = (uint)n + 1,
            TargetSeconds = targetSeconds,
            OriginSeconds = origin,
        }))];
    }
}
