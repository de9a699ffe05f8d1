using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Package.Arriving;

/// <summary>
/// An arriving title that somebody watches. Its track indexes grow as far as its bytes have landed, and only when somebody asks:
/// <code>
///   request ──► Advance to what has landed ──► is the segment closed? ── yes ──► its head and extents, its bytes from the arriving file
///                        ▲                                │
///                        └────── wait a moment ◄── no ────┘
/// </code>
/// It is made by the same compiler as what is published, so it says the same, byte for byte. Counted like an open asset: it closes when it has
/// left the cache and the last request has let go.
/// </summary>
internal sealed class ArrivingTitle : IDisposable
{
    private readonly LandedSource _source;
    private readonly IObjectStage _scratch;
    private readonly IReadOnlyList<ArrivingTrack> _tracks;
    private readonly SemaphoreSlim _advancing = new(1, 1);
    private long _advancedTo;
    private int _holders = 1; // The cache's own.

    private ArrivingTitle(ArrivingFile file, string version, LandedSource source, IObjectStage scratch, IReadOnlyList<ArrivingTrack> tracks)
    {
        File = file;
        Version = version;
        _source = source;
        _scratch = scratch;
        _tracks = tracks;
        PlayableSeconds = 0;
    }

    /// <summary>How far it is.</summary>
    public ArrivingFile File { get; }

    /// <summary>Names what is served in URLs.</summary>
    public string Version { get; }

    /// <summary>When somebody last asked for it.</summary>
    public long AskedTimestamp { get; set; }

    /// <summary>Seconds from the beginning that all tracks have closed segments for.</summary>
    public double PlayableSeconds { get; private set; }

    /// <summary>The offered tracks, picture first.</summary>
    public IReadOnlyList<ArrivingTrack> Tracks => _tracks;

    /// <summary>Opens a title; null when too little of it has landed, or it does not play as it comes.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="asset">Its row.</param>
    /// <param name="judge">Judges it.</param>
    /// <param name="segmentSeconds">Target duration of a segment.</param>
    /// <param name="store">Has room for what is made of it.</param>
    /// <param name="ct">Cancels it.</param>
    public static async Task<ArrivingTitle?> OpenAsync(
        ArrivingFile file, Asset asset, ArrivalStep judge, double segmentSeconds, IObjectStore store, CancellationToken ct)
    {
        var source = new LandedSource(file);
        var scratch = store.Stage(asset.Id);
        var tracks = new List<ArrivingTrack>();
        var isWhole = false;
        try
        {
            isWhole = ArrivalHead.Look(source, file.LandedBytes).Plays == ArrivalPlays.Now
                && await judge(source, ct) is { } plan
                && plan.Serves(asset.Version, segmentSeconds)
                && await Task.Run(() => Start(source, plan, segmentSeconds, id => scratch.PathOf(ObjectKey.Index(asset.Id, id).Name), tracks), ct);
            return isWhole ? new ArrivingTitle(file, asset.Version, source, scratch, tracks) : null;
        }
        finally
        {
            if (!isWhole)
            {
                tracks.ForEach(t => t.Dispose());
                source.Dispose();
                await scratch.DisposeAsync();
            }
        }
    }

    /// <summary>The track of that name, or null.</summary>
    public ArrivingTrack? Find(string trackId) => _tracks.FirstOrDefault(t => t.Summary.Id == trackId);

    /// <summary>Closes what segments it can, and answers what <paramref name="look"/> sees while nothing changes.</summary>
    public async Task<T> AdvanceAsync<T>(Func<T> look, CancellationToken ct)
    {
        await _advancing.WaitAsync(ct);
        try
        {
            var landed = File.LandedBytes;
            if (landed > _advancedTo)
            {
                await Task.Run(() => Advance(landed), CancellationToken.None);
            }

            return look();
        }
        finally
        {
            _advancing.Release();
        }
    }

    /// <summary>Fills <paramref name="destination"/> from its file.</summary>
    /// <exception cref="InvalidDataException">So much has not landed.</exception>
    public void ReadPayload(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = _source.Read(offset, destination);
            if (count == 0)
            {
                throw new InvalidDataException("A segment was announced before its bytes had landed.");
            }

            offset += count;
            destination = destination[count..];
        }
    }

    /// <summary>Takes a hold; false when it is already closing.</summary>
    public bool TryHold()
    {
        var seen = Volatile.Read(ref _holders);
        while (seen > 0)
        {
            var before = Interlocked.CompareExchange(ref _holders, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Lets go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Dispose();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var track in _tracks)
        {
            track.Dispose();
        }

        _source.Dispose();
        _advancing.Dispose();
        _scratch.DisposeAsync().AsTask().GetAwaiter().GetResult(); // A local folder: it completes at once.
    }

    private void Advance(long landed)
    {
        foreach (var track in _tracks)
        {
            if (track.MayGrow)
            {
                track.Compiler.Advance(landed);
            }
        }

        _advancedTo = landed;
        PlayableSeconds = _tracks.Min(t => t.PlayableSeconds);
    }

    private static bool Start(
        LandedSource source, ArrivalPlan plan, double segmentSeconds, Func<string, string> indexPathOf, List<ArrivingTrack> tracks)
    {
        var copied = plan.Copied.ToList();
        var numbering = new CopyNumbering(plan.Triage, plan.BesideEncoded, segmentSeconds);
        (IReadOnlyList<SegmentTiming>, uint)? leader = null;
        TrackCompiler? leading = null;
        foreach (var track in copied)
        {
            var (movieTrack, description, scan) = track.Probed;
            var isSound = movieTrack.Kind == TrackKind.Audio;
            var options = numbering.Next(track);
            var foretold = TrackCompiler.Foretell(source, movieTrack, description!, scan!, options with { Leader = isSound ? leader : null });
            if (foretold is not { } told)
            {
                return false;
            }

            var index = new ArrivingIndex(indexPathOf(options.Id));
            var compiler = TrackCompiler.Start(source, movieTrack, description!, scan!, options with { Following = isSound ? leading : null }, index);
            tracks.Add(new ArrivingTrack(told.Summary, compiler, index));
            leader ??= (told.Segments, movieTrack.Timescale);
            leading ??= compiler;
        }

        return tracks.Count > 0;
    }
}
