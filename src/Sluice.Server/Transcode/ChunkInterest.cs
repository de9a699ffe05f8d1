namespace Sluice.Server.Transcode;

/// <summary>
/// Which chunks viewers have asked for of late, those included that were there: a player that has loaded ahead asks once in a
/// chunk's length, so silence for longer means that it has gone elsewhere. Not safe for threads.
/// </summary>
/// <param name="lasts">How long a viewer counts who does not ask again.</param>
internal sealed class ChunkInterest(TimeSpan lasts)
{
    /// <summary>So many are kept without a look at which are old.</summary>
    private const int Few = 64;

    private readonly Dictionary<(string Rendition, int Number), DateTimeOffset> _asked = [];
    private int _looksAt = Few;

    /// <summary>How many are remembered.</summary>
    public int Count => _asked.Count;

    /// <summary>Somebody asks for a chunk.</summary>
    public void Note(string rendition, int number, DateTimeOffset now)
    {
        _asked[(rendition, number)] = now;
        if (_asked.Count < _looksAt)
        {
            return;
        }

        foreach (var old in _asked.Where(a => now - a.Value > lasts).Select(a => a.Key).ToList())
        {
            _asked.Remove(old);
        }

        _looksAt = Math.Max(Few, 2 * _asked.Count);
    }

    /// <summary>Somebody has asked for one of these of late.</summary>
    public bool IsIn(IReadOnlyCollection<string> renditions, int first, int end, DateTimeOffset now) => _asked.Any(a =>
        a.Key.Number >= first && a.Key.Number < end && now - a.Value <= lasts && renditions.Contains(a.Key.Rendition));
}
