using Sluice.Server.Catalog;
using Sluice.Server.Package.Making;
using Sluice.Server.Store;
using Sluice.Server.Transcode;

namespace Sluice.Server.Deliver;

/// <summary>
/// A packaged asset with its files open, shared by all requests that read it. Counted: the files close when it has
/// left the cache and the last request has let go.
/// </summary>
internal sealed class OpenAsset
{
    private const int MostFromElsewhere = 4;

    private readonly IObjectReader? _source;
    private readonly StoredTrack[] _served;
    private int _holders = 1; // The cache's own.

    private OpenAsset(Asset asset, IObjectReader? source, StoredTrack[] served, MadeTexts? texts)
    {
        Texts = texts;
        Id = asset.Id;
        Version = asset.ServedVersion;
        Secret = asset.Secret;
        Revision = asset.Revision;
        Extras = asset.Extras;
        _source = source;
        _served = served;
        var replaced = asset.Renditions.Where(r => r.IsReplaced).Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        Tracks = [.. served.Where(t => !replaced.Contains(t.Summary.Id))];
    }

    /// <summary>Whose files.</summary>
    public AssetId Id { get; }

    /// <summary>Which packaging, and how it is encrypted.</summary>
    public string Version { get; }

    /// <summary>What segments are encrypted with; null for not at all.</summary>
    public SegmentSecret? Secret { get; }

    /// <summary>Which offer of it: grows when a rendition is added.</summary>
    public int Revision { get; }

    /// <summary>What there is beside the tracks.</summary>
    public AssetExtras Extras { get; }

    /// <summary>Subtitles that are found when they are wanted; null when it has none of that kind.</summary>
    public MadeTexts? Texts { get; }

    /// <summary>Whether its media lie on another server; see <see cref="IObjectReader.IsElsewhere"/>.</summary>
    public bool IsElsewhere => _source is { IsElsewhere: true };

    /// <summary>Whether one of its files is lost (<see cref="IObjectReader.IsLost"/>): who comes now is better served by opening it anew.</summary>
    public bool IsLost => Array.Exists(_served, static track => track.IsLost);

    /// <summary>Turns of those who have something made of its media that must be read whole, where these lie elsewhere.</summary>
    public SemaphoreSlim TurnsElsewhere { get; } = new(MostFromElsewhere);

    /// <summary>The offered tracks, video first.</summary>
    public IReadOnlyList<StoredTrack> Tracks { get; }

    /// <summary>The track of that name, or null; one that is not offered any more too, for those who play it.</summary>
    public StoredTrack? Find(ReadOnlySpan<char> trackId)
    {
        foreach (var track in _served)
        {
            if (trackId.SequenceEqual(track.Summary.Id))
            {
                return track;
            }
        }

        return null;
    }

    /// <summary>Opens all files of an asset; null when any is missing. Those that lie elsewhere are asked for together.</summary>
    /// <exception cref="SourceUnavailableException">One of them cannot be read.</exception>
    public static async ValueTask<OpenAsset?> OpenAsync(
        IObjectStore store, IChunkDesk desk, AssetMakers makers, Asset asset, CancellationToken ct)
    {
        store.Doubt(asset.Id, asset.Revision);
        var chunks = new ChunkSource(desk, store, asset.Id);
        var source = await store.OpenAsync(ObjectKey.Remux(asset.Id), ct) ?? await store.OpenAsync(ObjectKey.Source(asset.Id), ct);
        var opening = asset.Renditions.Where(r => r.IsListed || r.IsReplaced).Select(r => OpenTrackAsync(
            store, asset.Id, r.Id, source, makers.Segments is { } maker && maker.Makes(r.Id) ? new MadeSource(maker) : chunks, ct)).ToList();
        try
        {
            var tracks = await Task.WhenAll(opening);
            if (tracks.All(t => t is not null))
            {
                return new OpenAsset(asset, source, [.. tracks.Select(t => t!).OrderBy(t => t.Summary.Kind)], makers.Texts);
            }

            Close();
            return null;
        }
        catch
        {
            Close();
            throw;
        }

        void Close()
        {
            opening.Where(t => t.IsCompletedSuccessfully).ToList().ForEach(t => t.Result?.Dispose());
            source?.Dispose();
        }
    }

    /// <summary>Takes a hold; false when the files are already closing.</summary>
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
            foreach (var track in _served)
            {
                track.Dispose();
            }

            _source?.Dispose();
        }
    }

    private static async Task<StoredTrack?> OpenTrackAsync(
        IObjectStore store, AssetId asset, string id, IObjectReader? source, ISegmentSource segments, CancellationToken ct)
    {
        // The index is opened first: one that refers to a gathered file is only put in place after that file.
        if (await store.OpenAsync(ObjectKey.Index(asset, id), ct) is not { } index)
        {
            return null;
        }

        IObjectReader? gathered = null;
        try
        {
            gathered = await store.OpenAsync(ObjectKey.Gathered(asset, id), ct);
            return await StoredTrack.OpenAsync(index, source, gathered, segments, ct);
        }
        catch
        {
            index.Dispose();
            gathered?.Dispose();
            throw;
        }
    }
}
