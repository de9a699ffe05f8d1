using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Nodes;

/// <summary>Who has what, as the catalog said a moment ago. What nobody has is not remembered.</summary>
internal sealed class Whereabouts(Holds holds, TimeProvider clock)
{
    /// <summary>So long an answer stands. Whoever it leads astray looks again.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks of somebody who waits for an answer of a node.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>Names remembered; when full, all are forgotten and asked for again.</summary>
    private const int Capacity = 4096;

    private readonly ConcurrentDictionary<string, (Holder Holder, long At)> _known = new(StringComparer.Ordinal);

    /// <summary>Who has it, be it this server; null when nobody does.</summary>
    public async ValueTask<Holder?> OfAsync(string name, CancellationToken ct)
    {
        if (_known.TryGetValue(name, out var known) && clock.GetElapsedTime(known.At) < Trust)
        {
            return known.Holder;
        }

        var at = clock.GetTimestamp();
        var holder = await holds.HolderAsync(name, ct);
        if (holder is null)
        {
            Forget(name);
            return null;
        }

        if (_known.Count >= Capacity)
        {
            _known.Clear();
        }

        _known[name] = (holder, at);
        return holder;
    }

    /// <summary>It may be another's by now.</summary>
    public void Forget(string name) => _known.TryRemove(name, out _);

    /// <summary>Ends when somebody else has it, or nobody; not while that is not known.</summary>
    /// <exception cref="OperationCanceledException">It is not waited for any more.</exception>
    public async Task LostAsync(string name, Holder holder, CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(Look, clock, ct);
            try
            {
                if (await OfAsync(name, ct) != holder)
                {
                    return;
                }
            }
            catch (CatalogUnreachableException)
            {
                // Nobody can have taken it.
            }
        }
    }
}
