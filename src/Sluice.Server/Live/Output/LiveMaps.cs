using System.Diagnostics.CodeAnalysis;

namespace Sluice.Server.Live.Output;

/// <summary>Init segments of a track, by number. Bounded in number and bytes: the oldest go, long after the last segment that needed them has.</summary>
/// <param name="memory">Whose memory they take.</param>
internal sealed class LiveMaps(ChannelMemory memory)
{
    /// <summary>They change with the encoder's settings; a log holds some minutes.</summary>
    private const int MostKept = 64;

    private readonly Lock _gate = new();
    private readonly Queue<(int Number, ReadOnlyMemory<byte> Bytes)> _kept = [];
    private long _keptBytes;
    private int _next;

    /// <summary>Keeps one.</summary>
    /// <returns>Its number, for <see cref="LogSegment.Map"/>; one that is the same as the last has the same. Null when it is larger than all of them may be
    /// together.</returns>
    public int? Add(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > memory.MapBytes)
        {
            return null;
        }

        lock (_gate)
        {
            if (_kept.Count > 0 && _kept.Last().Bytes.Span.SequenceEqual(bytes.Span))
            {
                return _next - 1;
            }

            MakeRoom(bytes.Length);
            _kept.Enqueue((_next, bytes));
            return _next++;
        }
    }

    /// <summary>Keeps one under the number that another server gave it; they come in order.</summary>
    public void Mirror(int number, ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            MakeRoom(bytes.Length);
            _kept.Enqueue((number, bytes));
            _next = number + 1;
        }
    }

    /// <summary>Those that are kept, from a number on.</summary>
    public (int Number, ReadOnlyMemory<byte> Bytes)[] From(int number)
    {
        lock (_gate)
        {
            return [.. _kept.Where(kept => kept.Number >= number)];
        }
    }

    /// <summary>One that was kept; false when it has gone or never was.</summary>
    public bool TryGet(int number, [NotNullWhen(true)] out ReadOnlyMemory<byte>? bytes)
    {
        lock (_gate)
        {
            foreach (var (kept, content) in _kept)
            {
                if (kept == number)
                {
                    bytes = content;
                    return true;
                }
            }
        }

        bytes = null;
        return false;
    }

    private void MakeRoom(int bytes)
    {
        while (_kept.Count > 0 && (_kept.Count == MostKept || _keptBytes + bytes > memory.MapBytes))
        {
            Count(-_kept.Dequeue().Bytes.Length);
        }

        Count(bytes);
    }

    private void Count(long bytes)
    {
        _keptBytes += bytes;
        memory.Take(bytes);
    }
}
