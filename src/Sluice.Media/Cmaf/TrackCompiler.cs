using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>
/// The second pass over a track: cuts it, writes each segment's head and extents into an index, and sums up.
/// <code>
///   1 a sample whose bytes are there ──► 2 does a segment begin here? ──► 3 write out the segment before
///         ▲                                   (the bitstream is asked)              │
///         └──────────────── 4 add the sample ◄──────────────────────────────────────┘     5 table, init, summary
/// </code>
/// It goes on in steps while its file arrives from front to back, and never looks ahead of what has landed: whatever the steps, the
/// index is byte for byte the one that is made at once. A segment is written out when all its bytes have landed and its end is
/// certain. Memory: the samples of one segment, and one row per segment. Not safe for concurrent use.
/// </summary>
public sealed class TrackCompiler
{
    /// <summary>Bytes of a segment of a file whose tables are believed. Nobody has seen its bytes: tables that lie must not have anybody make room
    /// for more. Ten seconds at 200 Mbit/s.</summary>
    private const long MostBelievedBytes = 256L << 20;

    private readonly IByteSource _source;
    private readonly MovieTrack _track;
    private readonly SampleDescription _description;
    private readonly TrackCompilerOptions _options;
    private readonly TrackIndexWriter _index;
    private readonly SegmentAssembly _segment;
    private readonly KeptSamples _samples;
    private readonly TrackCutter _cutter;
    private readonly byte[] _init;
    private readonly long _origin;
    private readonly bool _readsMedia;
    private uint _previousDuration = 1;

    private TrackCompiler(
        IByteSource source, MovieTrack track, SampleDescription description, TrackScan scan, TrackCompilerOptions options, IByteSink sink,
        bool readsMedia)
    {
        _source = source;
        _track = track;
        _description = description;
        _options = options;
        _readsMedia = readsMedia;
        _index = new TrackIndexWriter(
            sink, (long)Ticks.ToSeconds((scan.EndPresentationTicks - scan.FirstPresentationTicks) / Math.Max(1, (long)options.TargetSeconds), track.Timescale) + 1);
        _segment = new SegmentAssembly(_index, options.TrackId);
        _samples = new KeptSamples(track.OpenSamples(source), scan, waits: readsMedia);
        _cutter = new TrackCutter(source, track, description, options, _segment, readsMedia) { AsksEverySample = MustAskEverySample(scan) };
        _origin = options.OriginSeconds * track.Timescale;
        ArgumentOutOfRangeException.ThrowIfNegative(scan.FirstDecodeTicks + _origin, nameof(options));
        _init = InitSegmentWriter.Write(new InitSegment(
            options.TrackId, track.Kind, track.Timescale, description.ToCmafSampleEntry(),
            track.Language, track.Header?.Matrix, track.Header?.Width ?? 0, track.Header?.Height ?? 0));
    }

    /// <summary>The segments that are written out. Their heads and extents lie in what the sink was given. More come only in
    /// <see cref="Advance"/>.</summary>
    public IReadOnlyList<SegmentEntry> Entries => _index.Entries;

    /// <summary>The CMAF header.</summary>
    public ReadOnlyMemory<byte> Init => _init;

    /// <summary>Why it cannot go on, in words for a person; null while it can. <see cref="Entries"/> stay as they are.</summary>
    public string? Problem { get; private set; }

    /// <summary>What the manifests say of the whole track; null until it is done.</summary>
    public TrackSummary? Summary { get; private set; }

    /// <summary>The sink holds a whole index.</summary>
    public bool IsDone => Summary is not null;

    /// <summary>Where segments began, for tracks that follow.</summary>
    internal LeadingCuts Cuts => _cutter.Cuts;

    private TrackScan Scan => _samples.Scan;

    private long EndTicks => Scan.EndPresentationTicks + _origin;

    private IReadOnlyList<SegmentTiming> Timings => [.. _index.Entries.Select(static e => e.Timing)];

    /// <summary>Compiles one track.</summary>
    /// <param name="source">The file.</param>
    /// <param name="track">One of its tracks, without a problem.</param>
    /// <param name="description">Its sample description.</param>
    /// <param name="scan">Its first pass, without a problem.</param>
    /// <param name="options">How.</param>
    /// <param name="sink">Takes the index.</param>
    /// <param name="problem">Why the track cannot be packaged after all, or null.</param>
    /// <returns>The summary and the timings, or null with a problem.</returns>
    /// <exception cref="ArgumentOutOfRangeException">With these options the first decode time would be negative.</exception>
    public static (TrackSummary Summary, IReadOnlyList<SegmentTiming> Segments)? Compile(
        IByteSource source, MovieTrack track, SampleDescription description, TrackScan scan, TrackCompilerOptions options,
        IByteSink sink, out string? problem)
    {
        var compiler = Start(source, track, description, scan, options, sink);
        return compiler.Run(out problem);
    }

    /// <summary>
    /// As <see cref="Compile"/>, but the tables are believed: sync samples are what they say, and no sample's bytes are read. For a file that lies
    /// far away those would be most of the work. It does not claim that segments are independent, and refuses pictures whose tables do not tell
    /// where decoding can start, and segments of more than 256 MiB.
    /// </summary>
    /// <param name="source">The file.</param>
    /// <param name="track">One of its tracks, without a problem.</param>
    /// <param name="description">Its sample description.</param>
    /// <param name="scan">Its first pass, without a problem.</param>
    /// <param name="options">How.</param>
    /// <param name="sink">Takes the index.</param>
    /// <param name="problem">Why the track cannot be packaged so, or null.</param>
    /// <returns>The summary and the timings, or null with a problem.</returns>
    /// <exception cref="ArgumentOutOfRangeException">With these options the first decode time would be negative.</exception>
    public static (TrackSummary Summary, IReadOnlyList<SegmentTiming> Segments)? CompileByTables(
        IByteSource source, MovieTrack track, SampleDescription description, TrackScan scan, TrackCompilerOptions options,
        IByteSink sink, out string? problem)
    {
        var compiler = new TrackCompiler(source, track, description, scan, options, sink, readsMedia: false);
        if (compiler._cutter.AsksEverySample)
        {
            problem = "its tables do not tell the key frames, and to find them the whole file would have to be read";
            return null;
        }

        var done = compiler.Run(out problem);
        var largest = compiler.Entries.Select(static e => e.PayloadBytes).DefaultIfEmpty().Max();
        if (done is null || largest <= MostBelievedBytes)
        {
            return done;
        }

        problem = $"a segment of it would have {largest >> 20} MiB, more than {MostBelievedBytes >> 20}";
        return null;
    }

    /// <summary>Starts to compile one track of a file that may still be arriving; nothing is read yet.</summary>
    /// <param name="source">The file, with its announced length.</param>
    /// <param name="track">One of its tracks, without a problem.</param>
    /// <param name="description">Its sample description.</param>
    /// <param name="scan">Its first pass, without a problem; it may be open.</param>
    /// <param name="options">How.</param>
    /// <param name="sink">Takes the index, front to back.</param>
    /// <exception cref="ArgumentOutOfRangeException">With these options the first decode time would be negative.</exception>
    public static TrackCompiler Start(
        IByteSource source, MovieTrack track, SampleDescription description, TrackScan scan, TrackCompilerOptions options, IByteSink sink) =>
        new(source, track, description, scan, options, sink, readsMedia: true);

    /// <summary>
    /// What compiling will come to, as the tables tell it: sync samples are believed, no sample's bytes are read. Of fragments, what
    /// has landed so far. It does not claim that segments are independent; where cuts may lie further apart than the tables say, its
    /// longest segment lasts at least three targets, so that a target duration that was announced holds.
    /// </summary>
    /// <param name="source">The file, with its announced length.</param>
    /// <param name="track">One of its tracks, without a problem.</param>
    /// <param name="description">Its sample description.</param>
    /// <param name="scan">Its first pass, without a problem; it may be open.</param>
    /// <param name="options">How; a track that follows is given what was foretold of its leader.</param>
    /// <returns>The summary and the timings; null when the track cannot be packaged.</returns>
    /// <exception cref="ArgumentOutOfRangeException">With these options the first decode time would be negative.</exception>
    public static (TrackSummary Summary, IReadOnlyList<SegmentTiming> Segments)? Foretell(
        IByteSource source, MovieTrack track, SampleDescription description, TrackScan scan, TrackCompilerOptions options)
    {
        var closed = scan with { IsOpen = false };
        var compiler = new TrackCompiler(source, track, description, closed, options, new ForgetfulSink(), readsMedia: false);
        compiler.Advance(long.MaxValue);
        if (compiler.Summary is not { } summary)
        {
            return null;
        }

        var isSure = track.Kind != TrackKind.Video || !(scan.IsOpen || compiler._cutter.AsksEverySample);
        var least = isSure ? 0 : 3 * CutTable.TargetTicks(track.Timescale, options.TargetSeconds);
        var longest = Math.Max(summary.LongestSegmentTicks, least);
        return (summary with { LongestSegmentTicks = longest }, compiler.Timings);
    }

    /// <summary>Goes on as far as the bytes reach.</summary>
    /// <param name="landedBytes">Bytes of the file that are there, counted from its start.</param>
    /// <returns>It has ended: it is done, or has a problem. False: it goes on when more has landed, or its leader has gone on.</returns>
    public bool Advance(long landedBytes)
    {
        if (Scan.IsOpen && landedBytes >= _source.Length && Problem is null)
        {
            Settle();
        }

        while (Problem is null && !IsDone)
        {
            // :: Step 1
            if (!_samples.TryHold(landedBytes))
            {
                Problem = _samples.Problem;
                return Problem is not null;
            }

            if (!_cutter.CanDecide)
            {
                return false;
            }

            Take(_samples.IsLast);
            _samples.Step();
        }

        return true;
    }

    private (TrackSummary Summary, IReadOnlyList<SegmentTiming> Segments)? Run(out string? problem)
    {
        problem = Advance(long.MaxValue) ? Problem : "its file ends before its length";
        return Summary is { } summary ? (summary, Timings) : null;
    }

    private void Take(bool isLast)
    {
        ref readonly var sample = ref _samples.Current;
        var distance = _samples.DistanceTicks;
        if (distance > uint.MaxValue && !isLast)
        {
            Problem = string.Create(CultureInfo.InvariantCulture,
                $"its timeline has a gap of {Ticks.ToSeconds(distance, _track.Timescale):0} s");
            return;
        }

        var duration = isLast && distance == 0 ? _previousDuration : (uint)Math.Clamp(distance, 0, uint.MaxValue);
        var presentation = Scan.Timeline.ToPresentation(sample.CompositionTicks) + _origin;
        var decode = sample.DecodeTicks - _samples.FirstDecodeTicks + Scan.FirstDecodeTicks + _origin;
        var offset = presentation - decode;
        if (offset is > int.MaxValue or < 0)
        {
            Problem = "its composition offsets are out of range";
            return;
        }

        Add(sample, new SegmentSample(sample.SizeBytes, duration, (int)offset, sample.IsSync), presentation, decode);
        _previousDuration = Math.Max(1, duration);
        if (_segment.SampleCount > SegmentWriter.MostSamples)
        {
            Problem = "it has no place to cut in more than a million samples";
        }
        else if (isLast)
        {
            Finish();
        }
    }

    private void Add(in MediaSample sample, SegmentSample made, long presentation, long decode)
    {
        // :: Steps 2 to 4
        if (_segment.IsOpen)
        {
            _cutter.Add(sample, made, presentation, decode);
        }
        else
        {
            var start = Math.Min(presentation, Scan.FirstPresentationTicks + _origin);
            _cutter.Begin(start, Scan.IsOpen ? null : EndTicks, sample, made, decode);
        }
    }

    /// <summary>"No stss" means "all are sync samples" and "an empty stss" means "none is": for video both are usually untrue.</summary>
    private bool MustAskEverySample(TrackScan scan) =>
        _track.Kind == TrackKind.Video && (scan.SyncCount == 0 || (scan.SyncCount == scan.SampleCount && scan.SampleCount > 1));

    /// <summary>All has landed: the end of a track in fragments is found, and whether its beginning was what it seemed.</summary>
    private void Settle()
    {
        var scan = Scan.Again(_source, _track);
        if (scan.IsOpen)
        {
            return;
        }

        var isSame = scan.BeginsLike(Scan) && MustAskEverySample(scan) == _cutter.AsksEverySample;
        Problem = scan.Problem ?? (isSame ? null : "what came later changes how its beginning is packaged");
        _samples.Scan = scan;
        _cutter.EndsAt(EndTicks);
    }

    private void Finish()
    {
        // :: Step 5
        _segment.Close(Math.Max(_segment.StartTicks + 1, EndTicks));
        Cuts.Complete();
        if (_index.Entries.Count > TrackIndexWriter.MostSegments)
        {
            Problem = "it falls into more segments than any honest title";
            return;
        }

        var summary = CompiledSummary.Of(_index.Entries, _track, _description, Scan, _options, _readsMedia && _cutter.IsIndependent);
        _index.Finish(_init, summary);
        Summary = summary;
    }

    private sealed class ForgetfulSink : IByteSink
    {
        public void Write(ReadOnlySpan<byte> bytes)
        {
            // All that is foretold is in the rows.
        }
    }
}
