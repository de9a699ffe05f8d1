using System.Security.Cryptography;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Probe;
using Sluice.Server.Store;

namespace Sluice.Server.Package;

/// <summary>
/// Probes a staged source, decides per track, and compiles the track indexes into the same stage.
/// <code>
///   1 probe ──► 2 triage ──► 3 one origin for all tracks ──► 4 video index ──► 5 audio indexes on its cuts ──► 6 version
/// </code>
/// </summary>
internal sealed class Packager(SluiceOptions options)
{
    /// <summary>Reads the staged source; writes one index per offered track beside it.</summary>
    public Task<PackageResult> PackageAsync(IObjectStage stage, AssetId asset, CancellationToken ct) => Task.Run(
        () => Package(stage.PathOf(ObjectKey.Source(asset).Name), id => stage.PathOf(ObjectKey.Index(asset, id).Name), ct), ct);

    /// <summary>Reads any local file; writes one index per offered track, or none when something must be encoded first.</summary>
    /// <param name="sourcePath">The file; it is not changed.</param>
    /// <param name="indexPathOf">Where the index of a track goes; must not exist yet.</param>
    /// <param name="ct">Stops between tracks.</param>
    public PackageResult Package(string sourcePath, Func<string, string> indexPathOf, CancellationToken ct)
    {
        var copied = Copy(sourcePath, indexPathOf, besideEncoded: false, ct);
        return copied.Result;
    }

    /// <summary>As <see cref="Package"/>; what is copied is so even when other tracks are to be encoded.</summary>
    /// <param name="sourcePath">The file; it is not changed.</param>
    /// <param name="indexPathOf">Where the index of a track goes; must not exist yet.</param>
    /// <param name="besideEncoded">Encoded renditions are to go beside: tracks are copied in any case, and timestamps leave room for an encoder's
    /// delay.</param>
    /// <param name="ct">Stops between tracks.</param>
    public CopyResult Copy(string sourcePath, Func<string, string> indexPathOf, bool besideEncoded, CancellationToken ct) =>
        Copy(sourcePath, indexPathOf, besideEncoded, null, ct);

    /// <summary>Copies the tracks of a file as further renditions of a title that plays already.</summary>
    /// <param name="sourcePath">The file; it is not changed.</param>
    /// <param name="indexPathOf">Where the index of a rendition goes; must not exist yet.</param>
    /// <param name="places">What becomes of each track.</param>
    /// <param name="ct">Stops between tracks.</param>
    public CopyResult CopyInto(string sourcePath, Func<string, string> indexPathOf, CopyPlaces places, CancellationToken ct) =>
        Copy(sourcePath, indexPathOf, besideEncoded: true, places, ct);

    /// <summary>Copies a file that lies far away: its tables are read and believed, its pictures are not looked at.</summary>
    /// <param name="source">The file.</param>
    /// <param name="indexPathOf">Where the index of a track goes; must not exist yet.</param>
    /// <param name="besideEncoded">As for <see cref="Copy(string, Func{string, string}, bool, CancellationToken)"/>.</param>
    /// <param name="ct">Stops between tracks.</param>
    public CopyResult CopyByTables(IByteSource source, Func<string, string> indexPathOf, bool besideEncoded, CancellationToken ct) =>
        Copy(source, new CompileManner(indexPathOf, options.Package.SegmentSeconds, besideEncoded, ByTables: true, null), ct);

    private CopyResult Copy(string sourcePath, Func<string, string> indexPathOf, bool besideEncoded, CopyPlaces? places, CancellationToken ct)
    {
        using var source = new FileByteSource(sourcePath);
        return Copy(source, new CompileManner(indexPathOf, options.Package.SegmentSeconds, besideEncoded, ByTables: false, places), ct);
    }

    private static CopyResult Copy(IByteSource source, CompileManner manner, CancellationToken ct)
    {
        // :: Steps 1 and 2
        var triage = Triage.Judge(source);
        var verdicts = triage.Tracks.Select(t => t.Verdict).ToList();
        var seconds = triage.Tracks.Select(t => t.Probed.Seconds).DefaultIfEmpty().Max();
        if (triage.RefusedReason is { } refused)
        {
            return new CopyResult(Refused(refused, verdicts), [], 0);
        }

        if (triage.Reason is { } reason && !manner.BesideEncoded)
        {
            return new CopyResult(new PackageResult(null, AssetState.NeedsTranscode, reason, "", seconds, verdicts), [], 0);
        }

        // :: Steps 3 to 6
        var compilation = new Compilation(source, manner, triage, ct);
        var broken = compilation.Run();
        var problem = broken ?? triage.Reason;
        var state = problem is null ? AssetState.Ready : AssetState.NeedsTranscode;
        var result = new PackageResult(null, state, problem ?? triage.Loss, compilation.Version, seconds, verdicts);
        return new CopyResult(
            result, [.. triage.Tracks.Where(t => t.Verdict.Action == Triage.Encode).Select(t => (t.Probed.Track.Id, t.Verdict))],
            compilation.OriginSeconds)
        {
            IsBroken = broken is not null,
            Copied = compilation.Copied,
            Drawable = DrawableSubtitles.Of(triage.Tracks),
        };
    }

    private static PackageResult Refused(string reason, IReadOnlyList<TrackVerdict> tracks) =>
        new(reason, AssetState.NeedsTranscode, null, "", 0, tracks);

    private sealed record CompileManner(
        Func<string, string> IndexPathOf, double TargetSeconds, bool BesideEncoded, bool ByTables, CopyPlaces? Places);

    private sealed class Compilation(IByteSource source, CompileManner manner, TriageResult triage, CancellationToken ct)
    {
        private readonly CopyNumbering _numbering = new(triage, manner.BesideEncoded, manner.TargetSeconds);
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly List<TrackSummary> _copied = [];
        private (IReadOnlyList<SegmentTiming> Segments, uint Timescale)? _leader = manner.Places?.Leader;

        /// <summary>What came of each copied track, picture first.</summary>
        public IReadOnlyList<TrackSummary> Copied => _copied;

        /// <summary>First 12 hex digits of a hash over all indexes: it changes when any byte that is served does.</summary>
        public string Version { get; private set; } = "";

        /// <summary>Whole seconds that all tracks are later than in the source.</summary>
        public long OriginSeconds => _numbering.OriginSeconds;

        /// <summary>Why a track cannot be packaged after all, or null.</summary>
        public string? Run()
        {
            var copied = triage.Tracks.Where(t => t.IsCopied).ToList();
            foreach (var track in copied.OrderBy(t => t.Probed.Track.Kind == TrackKind.Video ? 0 : 1))
            {
                ct.ThrowIfCancellationRequested();
                if (Compile(track) is { } problem)
                {
                    return $"{track.Verdict.Kind} {track.Verdict.Description}: {problem}";
                }
            }

            Version = Convert.ToHexStringLower(_hash.GetHashAndReset())[..12];
            return null;
        }

        private string? Compile(TriagedTrack track)
        {
            var (movieTrack, description, scan) = track.Probed;
            var how = _numbering.Next(track, manner.Places) with { Leader = movieTrack.Kind == TrackKind.Audio ? _leader : null };
            using var sink = new FileByteSink(manner.IndexPathOf(how.Id));
            string? problem;
            var compiled = manner.ByTables
                ? TrackCompiler.CompileByTables(source, movieTrack, description!, scan!, how, sink, out problem)
                : TrackCompiler.Compile(source, movieTrack, description!, scan!, how, sink, out problem);
            if (compiled is not { } done)
            {
                return problem;
            }

            _hash.AppendData(sink.Complete());
            _copied.Add(done.Summary);
            _leader ??= (done.Segments, movieTrack.Timescale);
            return null;
        }
    }
}
