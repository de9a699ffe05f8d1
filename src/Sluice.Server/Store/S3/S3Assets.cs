using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store.S3;

/// <summary>What is known of assets, of a bounded number; and of those that somebody reads or writes, be they more.</summary>
/// <param name="bucket">Where they are.</param>
/// <param name="layout">Names in it.</param>
/// <param name="objects">Makes what is known of an object.</param>
/// <param name="clock">The time.</param>
/// <param name="isShared">Other servers put objects there, too.</param>
internal sealed class S3Assets(S3Bucket bucket, S3Layout layout, S3Objects objects, TimeProvider clock, bool isShared = false)
{
    private readonly ConcurrentDictionary<AssetId, S3Asset> _known = new();

    /// <summary>So many are kept.</summary>
    public int Most { get; init; } = 4096;

    /// <summary>Opens an object; null when there is none.</summary>
    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken ct)
    {
        S3Asset asset;
        IObjectReader? reader;
        do
        {
            asset = Of(key.Asset);
            reader = await asset.OpenAsync(key, ct);
        }
        while (reader is null && asset.IsForgotten);
        return reader;
    }

    /// <summary>Whether an asset was removed here, and may still be listed.</summary>
    public bool IsGone(AssetId id) => _known.TryGetValue(id, out var known) && known.IsGone;

    /// <summary>Another server may have changed one; see <see cref="S3Asset.Doubt"/>.</summary>
    public void Doubt(AssetId id, int? revision)
    {
        if (isShared)
        {
            Of(id).Doubt(revision);
        }
    }

    /// <summary>What is known of one.</summary>
    public S3Asset Of(AssetId id)
    {
        if (_known.Count > Most)
        {
            foreach (var unused in _known.Where(static known => known.Value.TryForget()).Take(Most / 2))
            {
                _known.TryRemove(unused);
            }
        }

        return _known.GetOrAdd(id, one => new S3Asset((areChunks, ct) => ListAsync(one, areChunks, ct), clock, isShared ? FindAsync : null));
    }

    private async Task<S3Object?> FindAsync(ObjectKey key, CancellationToken ct) =>
        await bucket.FindAsync(layout.NameOf(key), ct) is { } there ? objects.New(there) : null;

    private async Task<S3Found> ListAsync(AssetId asset, bool areChunks, CancellationToken ct)
    {
        var folder = areChunks ? layout.ChunksOf(asset) : layout.FolderOf(asset);
        var found = new List<KeyValuePair<string, S3Object>>();
        var isCommitted = false;
        await foreach (var one in bucket.ListAsync(folder, "/", ct))
        {
            var name = one.Name[folder.Length..];
            isCommitted |= name == S3Layout.Committed;
            if (one.SizeBytes >= 0 && name.Length > 0 && name[0] != '.')
            {
                found.Add(new(name, objects.New(one)));
            }
        }

        return new S3Found(isCommitted, found);
    }
}
