using System.Security.Cryptography;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.Matroska;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Probe;
using Sluice.Server.Store;

namespace Sluice.Server.Package.Matroska;

/// <summary>
/// Makes a title of a Matroska or WebM file that lies elsewhere, of which no more is read than its head, its Cues and its first segments.
/// <code>
///   1 head and Cues ──▶ 2 verdict on every track ──▶ 3 first segments: what only frames tell ──▶ 4 an index of times a track, and a maker
/// </code>
/// </summary>
internal sealed class MatroskaPackager(SluiceOptions options) : IDisposable
{
    /// <summary>Segments that are looked for at a time.</summary>
    private const int MostAtATime = 4;

    /// <summary>Bytes that may be read to find the way in a file.</summary>
    private const long MostIndexBytes = 64L << 20;

    private readonly SemaphoreSlim _turns = new(MostAtATime, MostAtATime);

    /// <summary>Whether a file that begins so is one.</summary>
    public static async Task<bool> IsOneAsync(IObjectReader reader, CancellationToken ct)
    {
        var head = new byte[4];
        return await reader.ReadAllAsync(0, head, ct) && MatroskaReader.Looks(head);
    }

    /// <summary>Copies what can be copied. It has a thread of its own, which waits for what is elsewhere for as long as that takes: there are no more of these
    /// than sessions, and none waits for another's source. The result is not ready when the file does not play so, with the reason.</summary>
    /// <param name="reader">The file; read from as long as the title lives.</param>
    /// <param name="indexPathOf">Where the index of a track goes; must not exist yet.</param>
    /// <param name="besideEncoded">Sounds that cannot be copied are encoded beside the picture; without, nothing is copied of a film that has no other.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SourceUnavailableException">The file cannot be read.</exception>
    public Task<CopyResult> CopyAsync(IObjectReader reader, Func<string, string> indexPathOf, bool besideEncoded, CancellationToken ct) =>
        Task.Factory.StartNew(() => Copy(reader, indexPathOf, besideEncoded, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    private static CopyResult Nothing(string reason, IReadOnlyList<TrackVerdict> verdicts) =>
        new(new PackageResult(null, AssetState.NeedsTranscode, reason, "", 0, verdicts), [], 0);

    private CopyResult Copy(IObjectReader reader, Func<string, string> indexPathOf, bool besideEncoded, CancellationToken ct)
    {
        // :: Steps 1 and 3, for what frames tell belongs to the verdict
        using var source = new PieceSource(reader, MostIndexBytes, ct);
        var movie = MatroskaReader.TryRead(source, out var problem);
        var segments = movie is null ? null
            : MatroskaSegments.TryOpen(source, movie, options.Package.SegmentSeconds, out problem, leastOriginSeconds: besideEncoded ? 1 : 0);
        if (segments is null)
        {
            return Nothing(
                source.IsExhausted ? $"to find the way in it, more than {MostIndexBytes >> 20} MiB of it would have to be fetched" : problem ?? "it is damaged",
                []);
        }

        // :: Step 2
        var triage = MatroskaTriage.Judge(segments.Tracks);
        var desk = new StretchDesk(reader, segments, _turns);
        var texts = triage.Texts.Count == 0 ? null : new MatroskaTexts(segments, triage.Texts, desk);
        if (triage.Reason is { } reason && !(besideEncoded && triage.PicturePlays))
        {
            return Nothing(reason, [.. triage.Verdicts.Select(v => v with { Id = null })]) with { Texts = texts, Drawable = triage.Drawable };
        }

        // :: Step 4
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var copied = new List<TrackSummary>();
        foreach (var (id, track) in triage.Offered)
        {
            ct.ThrowIfCancellationRequested();
            using var sink = new FileByteSink(indexPathOf(id));
            var timings = Enumerable.Range(1, segments.CountOf(track)).Select(n => segments.TimingOf(n, track)).ToList();
            copied.Add(CutTableIndex.Write(sink, timings, segments.Init(track), segments.Summarize(track, id, id is "v0" || id == triage.DefaultSound)));
            hash.AppendData(sink.Complete());
        }

        var state = triage.Reason is null ? AssetState.Ready : AssetState.NeedsTranscode;
        var seconds = Ticks.ToSeconds(segments.Cuts[^1].EndTicks - segments.Cuts[0].StartTicks, movie!.Timescale);
        var result = new PackageResult(null, state, triage.Reason, Convert.ToHexStringLower(hash.GetHashAndReset())[..12], seconds, triage.Verdicts);
        return new CopyResult(result, triage.ToEncode, segments.OriginSeconds)
        {
            Copied = copied,
            CountsStreams = true,
            Maker = new MatroskaTitle(segments, triage.Offered, desk),
            Texts = texts,
            Drawable = triage.Drawable,
        };
    }
}
