using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Access;

/// <summary>Who plays titles just now, by what they ask for: a player asks for its next part every few seconds.</summary>
internal sealed class Audience(TimeProvider clock)
{
    /// <summary>Whoever asked for nothing for so long watches no more. A full buffer is half a minute.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>More than that are not counted; about 100 bytes each.</summary>
    private const int Most = 65_536;

    private readonly ConcurrentDictionary<(AssetId Asset, int Client), long> _seen = new();

    /// <summary>A request for playback was let through.</summary>
    public void Seen(HttpContext context, AssetId asset)
    {
        var key = (asset, HashCode.Combine(ClientAddress.Of(context), context.Request.Headers.UserAgent.ToString()));
        if (_seen.TryGetValue(key, out var last))
        {
            // Not with each request: a look costs no lock, and a note does.
            if (clock.GetElapsedTime(last) > Fresh)
            {
                _seen[key] = clock.GetTimestamp();
            }
        }
        else if (_seen.Count < Most)
        {
            _seen[key] = clock.GetTimestamp();
        }
    }

    /// <summary>How many watch now.</summary>
    public int Count()
    {
        foreach (var (key, last) in _seen)
        {
            if (clock.GetElapsedTime(last) > Rest)
            {
                _seen.TryRemove(KeyValuePair.Create(key, last));
            }
        }

        return _seen.Count;
    }
}
