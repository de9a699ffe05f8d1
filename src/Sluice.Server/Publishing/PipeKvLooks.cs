using System.Collections.Concurrent;
using Sluice.Server.Store.PipeKv;

namespace Sluice.Server.Publishing;

/// <summary>
/// Reads values that several change from a node that may answer from a cache: older ones than it gave before, or none.
/// <code>
///   several looks ─ what is older than what was seen before, or is what we replaced, does not count
///   of those that count the newest; where no versions are said, what any of them has
///   none counts, for a minute of attempts: the node has lost its values, or begun its versions anew. It is believed, and
///   what was known is put into what it has (see <see cref="TakeIn"/>)
/// </code>
/// What was seen is remembered for as long as the process runs.
/// </summary>
/// <param name="read">Reads a value once.</param>
/// <param name="clock">For the pauses.</param>
internal sealed class PipeKvLooks(Func<string, CancellationToken, Task<PipeKvValue?>> read, TimeProvider clock)
{
    /// <summary>Before somebody else's list is replaced, and where one answer says nothing of others.</summary>
    private const int LeastLooks = 3;

    /// <summary>With pauses that double, six seconds in all.</summary>
    private const int MostLooks = 6;

    private static readonly PipeKvFacts NothingKnown = new(null, null, false, []);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Longer than caches lag behind, and shorter than a job's attempts take: the last of them does it.</summary>
    private static readonly TimeSpan LongestDoubt = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Memory> _memory = new(StringComparer.Ordinal);

    /// <summary>The value as it is now, as far as that can be found out; null when there is none.</summary>
    /// <exception cref="PipeKvException">The node gives back only what cannot be it.</exception>
    public async Task<PipeKvValue?> SeeAsync(string name, Func<byte[], byte[], byte[]> merge, CancellationToken ct)
    {
        var known = _memory.GetValueOrDefault(name);
        var least = known is { IsOurs: true } ? 1 : LeastLooks;
        var newest = known?.Value;
        var (began, counted) = (clock.GetTimestamp(), 0);
        var pause = FirstPause;
        for (var looks = 1; ; looks++, pause *= 2)
        {
            var seen = await read(name, ct);
            if (known is null ? seen is not null : Counts(seen, known))
            {
                counted++;
                newest = newest is null ? seen : Newer(newest, seen!, merge);
            }

            if (looks >= least && (counted > 0 || known is null))
            {
                return newest is null ? null : (_memory[name] = new Memory(newest, null, false) { Lost = known?.Lost }).Value;
            }

            if (looks == MostLooks)
            {
                return Believed(name, known! with { DoubtedAt = known.DoubtedAt ?? began }, seen, merge);
            }

            await Task.Delay(pause, clock, ct);
        }
    }

    /// <summary>What a change is to begin with instead of what was seen: the same with what the node had lost.</summary>
    public byte[]? TakeIn(string name, byte[]? seen, Func<byte[], byte[], byte[]> merge)
    {
        if (_memory.GetValueOrDefault(name) is not { Lost: { } lost } memory)
        {
            return seen;
        }

        var all = seen is null ? lost : merge(seen, lost);
        if (seen is not null && all.AsSpan().SequenceEqual(seen))
        {
            _memory[name] = memory with { Lost = null };
        }

        return all;
    }

    /// <summary>Something was written in the place of what was seen.</summary>
    public void Wrote(string name, byte[] bytes, PipeKvValue? replaced) =>
        _memory[name] = new Memory(new PipeKvValue(bytes, replaced?.Facts ?? NothingKnown), replaced?.Bytes, true);

    /// <summary>What to make of it that no look counts.</summary>
    private PipeKvValue? Believed(string name, Memory known, PipeKvValue? seen, Func<byte[], byte[], byte[]> merge)
    {
        if (clock.GetElapsedTime(known.DoubtedAt!.Value) < LongestDoubt)
        {
            _memory[name] = known;
            throw new PipeKvException($"The key-value store does not give '{name}' as it was last seen or written.")
            {
                Hint = "It may answer from a cache that lags behind. What it says for a minute is believed: try again.",
                MayPass = true,
            };
        }

        var lost = known.Lost is { } earlier ? merge(earlier, known.Value.Bytes) : known.Value.Bytes;
        _memory[name] = seen is null
            ? known with { Lost = lost } // It stays believed until something is there.
            : new Memory(seen, null, false) { Lost = lost };
        return seen;
    }

    private static bool Counts(PipeKvValue? seen, Memory known) => seen is not null && !seen.Facts.IsOlderThan(known.Value.Facts)
        && !(known is { IsOurs: true, Replaced: { } replaced } && seen.Bytes.AsSpan().SequenceEqual(replaced) && !known.Value.Facts.IsOlderThan(seen.Facts));

    private static PipeKvValue Newer(PipeKvValue a, PipeKvValue b, Func<byte[], byte[], byte[]> merge) =>
        a.Facts.IsOlderThan(b.Facts) || b.Bytes.AsSpan().SequenceEqual(a.Bytes) ? b
        : b.Facts.IsOlderThan(a.Facts) ? a
        : new PipeKvValue(merge(a.Bytes, b.Bytes), b.Facts);

    /// <summary>What was last seen or written.</summary>
    /// <param name="Value">It; of what was written, with the facts of what was there before.</param>
    /// <param name="Replaced">What was there before; null when nothing was, or when it was only read.</param>
    /// <param name="IsOurs">It was written, and not seen since.</param>
    private sealed record Memory(PipeKvValue Value, byte[]? Replaced, bool IsOurs)
    {
        /// <summary>When it was first not given any more; null while it is.</summary>
        public long? DoubtedAt { get; init; }

        /// <summary>What was known when the node was believed to have lost it, until it is written again; null for nothing.</summary>
        public byte[]? Lost { get; init; }
    }
}

/// <summary>A value that was read whole.</summary>
internal sealed record PipeKvValue(byte[] Bytes, PipeKvFacts Facts) : IFileState;
