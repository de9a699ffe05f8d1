using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>What of assets does not lie in the store: sources that stay where they are and are read from there, and chunks that go with them. Empty on most
/// servers.</summary>
internal sealed class RemoteSources
{
    private readonly ConcurrentDictionary<AssetId, Entry> _entries = new();

    /// <summary>From here on, the source of this asset is read so. The reader stays its owner's, who removes it before it is disposed of; so does the store.</summary>
    /// <param name="asset">Whose.</param>
    /// <param name="reader">Its source.</param>
    /// <param name="chunks">Where its encoded chunks are; null when none are encoded.</param>
    public void Add(AssetId asset, IObjectReader reader, IObjectStore? chunks = null) => _entries[asset] = new Entry(reader, chunks);

    /// <summary>The asset has nothing elsewhere any more.</summary>
    public void Remove(AssetId asset) => _entries.TryRemove(asset, out _);

    /// <summary>How the source of an asset is read, if it lies elsewhere.</summary>
    public bool TryGet(AssetId asset, [NotNullWhen(true)] out IObjectReader? reader)
    {
        reader = _entries.TryGetValue(asset, out var entry) ? entry.Reader : null;
        return reader is not null;
    }

    /// <summary>Where the encoded chunks of an asset are, if they lie elsewhere; null otherwise.</summary>
    public IObjectStore? ChunksOf(AssetId asset) => _entries.TryGetValue(asset, out var entry) ? entry.Chunks : null;

    private sealed record Entry(IObjectReader Reader, IObjectStore? Chunks);
}
