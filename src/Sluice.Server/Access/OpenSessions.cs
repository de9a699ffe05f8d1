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

/// <summary>Feature of a request for what any node may answer, with a token of a session that another node has: it runs.</summary>
/// <param name="Session">The session.</param>
internal sealed record RunsElsewhere(AssetId Session);

/// <summary>Metadata of endpoints that do not need the node that has the session of a token.</summary>
internal sealed class AnswersAnywhere
{
    /// <summary>The one.</summary>
    public static readonly AnswersAnywhere Instance = new();

    private AnswersAnywhere()
    {
    }
}
