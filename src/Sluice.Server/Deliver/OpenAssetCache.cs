using Sluice.Server.Catalog;
using Sluice.Server.Package.Making;
using Sluice.Server.Store;
using Sluice.Server.Transcode;

namespace Sluice.Server.Deliver;

/// <summary>The assets that are being watched, with their files open: a bounded cache, least recently used goes first.</summary>
internal sealed class OpenAssetCache : IDisposable
{
    /// <summary>Assets kept open. Each costs a few file handles and some kilobytes.</summary>
    private const int MostOpen = 256;

    private readonly IObjectStore _store;
    private readonly IChunkDesk _desk;
    private readonly SegmentMakers _makers;
    private readonly AssetDirectory _assets;
    private readonly Lock _lock = new();
    private readonly Dictionary<AssetId, LinkedListNode<OpenAsset>> _open = [];
    private readonly LinkedList<OpenAsset> _byUse = new();

    public OpenAssetCache(IObjectStore store, IChunkDesk desk, SegmentMakers makers, AssetDirectory assets)
    {
        (_store, _desk, _makers, _assets) = (store, desk, makers, assets);
        assets.Changed += (id, asset) =>
        {
            if (asset is null)
            {
                Evict(id); // The disk has the room of a removed file back when nobody has it open.
            }
        };
    }

    /// <summary>The asset with its files open and held; the caller releases it. Null when its files are not there.</summary>
    public async ValueTask<OpenAsset?> HoldAsync(Asset asset, CancellationToken ct)
    {
        if (TryHold(asset) is { } held)
        {
            return held;
        }

        var opened = await OpenAsset.OpenAsync(_store, _desk, _makers.Find(asset.Id), asset, ct);
        if (opened is null)
        {
            return null;
        }

        opened.TryHold();
        Insert(opened);
        if (await _assets.FindAsync(asset.Id, CancellationToken.None) is null)
        {
            Evict(asset.Id); // Removed while it was being opened.
        }

        return opened;
    }

    /// <summary>Forgets an asset whose files changed or went; requests that hold it finish undisturbed.</summary>
    public void Evict(AssetId id)
    {
        OpenAsset? gone = null;
        lock (_lock)
        {
            if (_open.Remove(id, out var node))
            {
                _byUse.Remove(node);
                gone = node.Value;
            }
        }

        gone?.Release();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var id in _open.Keys.ToArray())
        {
            Evict(id);
        }
    }

    private OpenAsset? TryHold(Asset asset)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(asset.Id, out var node) || node.Value.Version != asset.ServedVersion
                || node.Value.Revision != asset.Revision || node.Value.IsLost)
            {
                return null;
            }

            if (_byUse.First != node)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }

            return node.Value.TryHold() ? node.Value : null;
        }
    }

    private void Insert(OpenAsset opened)
    {
        var gone = new List<OpenAsset>();
        lock (_lock)
        {
            if (_open.Remove(opened.Id, out var older))
            {
                _byUse.Remove(older);
                gone.Add(older.Value);
            }

            _open[opened.Id] = _byUse.AddFirst(opened);
            while (_open.Count > MostOpen && _byUse.Last is { } last)
            {
                _byUse.RemoveLast();
                _open.Remove(last.Value.Id);
                gone.Add(last.Value);
            }
        }

        gone.ForEach(a => a.Release());
    }
}
