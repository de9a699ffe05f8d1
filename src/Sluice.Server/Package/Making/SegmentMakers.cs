using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Package.Making;

/// <summary>The assets whose segments are made when they are wanted. Empty on most servers.</summary>
internal sealed class SegmentMakers
{
    private readonly ConcurrentDictionary<AssetId, ISegmentMaker> _makers = new();

    /// <summary>From here on the segments of this asset are made so. Said before anybody can ask for one.</summary>
    public void Add(AssetId asset, ISegmentMaker maker) => _makers[asset] = maker;

    /// <summary>The asset goes.</summary>
    public void Remove(AssetId asset) => _makers.TryRemove(asset, out _);

    /// <summary>Who makes segments of an asset; null when they all lie in files.</summary>
    public ISegmentMaker? Find(AssetId asset) => _makers.GetValueOrDefault(asset);
}
