using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Access;

/// <summary>Sessions that run: a token that was given out in one opens nothing once that is not here any more. After a restart none is.</summary>
internal sealed class OpenSessions
{
    private readonly ConcurrentDictionary<AssetId, byte> _ids = new();

    /// <summary>Whether it runs.</summary>
    public bool Contains(AssetId session) => _ids.ContainsKey(session);

    /// <summary>It has begun.</summary>
    public void Add(AssetId session) => _ids.TryAdd(session, 0);

    /// <summary>It has ended.</summary>
    public void Remove(AssetId session) => _ids.TryRemove(session, out _);
}
