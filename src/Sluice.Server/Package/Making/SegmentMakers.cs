using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Package.Making;

/// <summary>Who makes what of an asset when it is wanted.</summary>
/// <param name="Segments">Makes segments; null when they all lie in files, or are encoded.</param>
/// <param name="Texts">Makes subtitles; null when it has none of that kind.</param>
internal sealed record AssetMakers(ISegmentMaker? Segments, MadeTexts? Texts);

/// <summary>The assets of which something is made when it is wanted. Empty on most servers.</summary>
internal sealed class SegmentMakers
{
    private static readonly AssetMakers None = new(null, null);

    private readonly ConcurrentDictionary<AssetId, AssetMakers> _makers = new();

    /// <summary>From here on something of this asset is made so. Said before anybody can ask for it.</summary>
    public void Add(AssetId asset, AssetMakers makers) => _makers[asset] = makers;

    /// <summary>The asset goes.</summary>
    public void Remove(AssetId asset) => _makers.TryRemove(asset, out _);

    /// <summary>Who makes something of an asset.</summary>
    public AssetMakers Find(AssetId asset) => _makers.GetValueOrDefault(asset, None);
}
