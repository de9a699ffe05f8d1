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

    /// <summary>Few go back, and not far.</summary>
    private const int Behind = 4;

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

    /// <summary>How far a chunk is from those that somebody has asked for of late, in chunks that are played before it; what was played already is
    /// farther by far. <see cref="int.MaxValue"/> when nobody has asked for any.</summary>
    public int DistanceOf(int number, DateTimeOffset now) => _asked.Where(a => now - a.Value <= lasts)
        .Select(a => number >= a.Key.Number ? number - a.Key.Number : (a.Key.Number - number) * Behind).DefaultIfEmpty(int.MaxValue).Min();

    /// <summary>When somebody last asked for a chunk; long ago when nobody did, or nobody knows any more.</summary>
    public DateTimeOffset AskedAt(string rendition, int number) => _asked.GetValueOrDefault((rendition, number));

    /// <summary>Somebody has asked for one of these of late.</summary>
    public bool IsIn(IReadOnlyCollection<string> renditions, int first, int end, DateTimeOffset now) => _asked.Any(a =>
        a.Key.Number >= first && a.Key.Number < end && now - a.Value <= lasts && renditions.Contains(a.Key.Rendition));
}
