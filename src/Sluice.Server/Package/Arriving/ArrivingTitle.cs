using Sluice.Media.Cmaf;
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
    private readonly IArrivingMovie _movie;
    private readonly IObjectStage _scratch;
    private readonly ArrivingStart _start;
    private readonly SemaphoreSlim _advancing = new(1, 1);
    private readonly ArrivalLook _look;
    private long _advancedTo;
    private int _holders = 1; // The cache's own.

    private ArrivingTitle(ArrivingFile file, string version, IArrivingMovie movie, IObjectStage scratch, ArrivalLook look, ArrivingStart start) =>
        (File, Version, _movie, _scratch, _look, _start) = (file, version, movie, scratch, look, start);

    /// <summary>How far it is.</summary>
    public ArrivingFile File { get; }

    /// <summary>Names what is served in URLs.</summary>
    public string Version { get; }

    /// <summary>When somebody last asked for it.</summary>
    public long AskedTimestamp { get; set; }

    /// <summary>Seconds from the beginning that all tracks have closed segments for.</summary>
    public double PlayableSeconds { get; private set; }

    /// <summary>The offered tracks, picture first; none before it is opened.</summary>
    public IReadOnlyList<ArrivingTrack> Tracks { get; private set; } = [];

    /// <summary>Opened anew, it does not have all segments again that were listed before.</summary>
    public bool IsBehind => _movie.IsBehind;

    /// <summary>What is repackaged of its file meanwhile; null when that need not be.</summary>
    public ArrivingRemux? Remux => _movie as ArrivingRemux;

    /// <summary>Begins to open a title; <see cref="OpenAsync"/> goes on. Null when too little of it has landed, or it does not play as it comes.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="asset">Its row.</param>
    /// <param name="judge">Judges it.</param>
    /// <param name="remux">Starts to repackage it where it is no MP4.</param>
    /// <param name="segmentSeconds">Target duration of a segment.</param>
    /// <param name="store">Has room for what is made of it.</param>
    /// <param name="ct">Cancels it.</param>
    public static async Task<ArrivingTitle?> BeginAsync(
        ArrivingFile file, Asset asset, ArrivalStep judge, RemuxStep remux, double segmentSeconds, IObjectStore store, CancellationToken ct)
    {
        var source = new LandedSource(file);
        var scratch = store.Stage(asset.Id);
        IArrivingMovie? movie = null;
        try
        {
            var look = file.Remux is { } known ? ArrivalLook.Of(known, [], null, 0) : await judge(source, file.LandedBytes, ct);
            if (look.Plays != ArrivalPlays.Now || !ArrivingVersion.IsOf(asset.Version, look.Manner(segmentSeconds)))
            {
                file.IsHopeless = look.Plays != ArrivalPlays.Unknown; // The next look would tell the same.
                return null;
            }

            file.Remux = look.Remuxed;
            movie = look.Remuxed is { } plan ? await remux(file, source, plan, scratch.PathOf(ObjectKey.Remux(asset.Id).Name)) : source;
            return movie is null ? null : new ArrivingTitle(
                file, asset.Version, movie, scratch, look, new(movie, segmentSeconds, id => scratch.PathOf(ObjectKey.Index(asset.Id, id).Name)));
        }
        finally
        {
            if (movie is null)
            {
                source.Dispose();
                await scratch.DisposeAsync();
            }
        }
    }

    /// <summary>Learns of its tracks, as soon as enough of it is there.</summary>
    public async Task<Opening> OpenAsync(ArrivalStep judge, CancellationToken ct)
    {
        await _advancing.WaitAsync(ct);
        try
        {
            if (Tracks.Count == 0)
            {
                // The problem before the bytes: what comes before it counts.
                var (isOver, landed) = (_movie.Problem is not null || _movie.LandedBytes >= _movie.Length, _movie.LandedBytes);
                var look = _look.Copied is null ? await judge(_movie, landed, ct) : _look;
                if (look.Plays == ArrivalPlays.Unknown && !isOver)
                {
                    return Opening.NotYet;
                }

                Tracks = look.Copied is { } plan && IsAsPlanned(plan) ? await Task.Run(() => _start.Run(plan), ct) : [];
            }

            return Tracks.Count > 0 ? Opening.Done : Opening.Hopeless;
        }
        finally
        {
            _advancing.Release();
        }
    }

    /// <summary>The track of that name, or null.</summary>
    public ArrivingTrack? Find(string trackId) => Tracks.FirstOrDefault(t => t.Summary.Id == trackId);

    /// <summary>Closes what segments it can, and answers what <paramref name="look"/> sees while nothing changes.</summary>
    public async Task<T> AdvanceAsync<T>(Func<T> look, CancellationToken ct)
    {
        await _advancing.WaitAsync(ct);
        try
        {
            var landed = _movie.LandedBytes;
            if (landed > _advancedTo || landed >= _movie.Length)
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

    /// <summary>Fills <paramref name="destination"/> from what its tracks lie in.</summary>
    /// <exception cref="InvalidDataException">So much has not landed.</exception>
    public void ReadPayload(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = _movie.Read(offset, destination);
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
        foreach (var track in Tracks)
        {
            track.Dispose();
        }

        _movie.Dispose();
        _advancing.Dispose();
        _scratch.DisposeAsync().AsTask().GetAwaiter().GetResult(); // A local folder: it completes at once.
    }

    /// <summary>What is repackaged is copied whole, or the title would lack a track that was promised.</summary>
    private bool IsAsPlanned(ArrivalPlan plan) => _look.Remuxed is null || plan.Copied.Count() == _look.Remuxed.Streams.Count;

    private void Advance(long landed)
    {
        foreach (var track in Tracks)
        {
            if (track.MayGrow)
            {
                track.Compiler.Advance(landed);
            }
        }

        _advancedTo = landed;
        PlayableSeconds = Tracks.Min(t => t.PlayableSeconds);
    }
}
