using System.Buffers.Text;
using System.Text;

namespace Sluice.Server.Probe;

/// <summary>Where the packets of each stream end, from ffprobe's lines <c>index,pts,dts,duration</c>, in ticks of its time base.</summary>
/// <param name="clock">Straightens the time stamps of a container whose clock may jump; null to take them as they are.</param>
internal sealed class PacketEnds(JumpingClock? clock = null)
{
    private const int LongestLine = 256;

    private readonly Dictionary<int, Stream> _streams = [];
    private readonly byte[] _line = new byte[LongestLine];
    private int _length;

    private sealed record Stream
    {
        public long Count;
        public long Last = long.MinValue;
        public long End = long.MinValue;
        public long Step;
        public long Sum;
        public bool EndIsGuessed;
    }

    /// <summary>The time stamps jumped: ends are where they would be without.</summary>
    public bool HasJumped => clock is { HasJumped: true };

    /// <summary>Packets seen of a stream.</summary>
    public long CountOf(int stream) => _streams.GetValueOrDefault(stream)?.Count ?? 0;

    /// <summary>End of the last packet in presentation order, in ticks. Where its duration is not said it lasts as long as the step
    /// to it, or <paramref name="usualTicks"/>. Of packets without any time it is the sum of their durations. Null when there was none.</summary>
    public long? EndOf(int stream, long usualTicks) => _streams.GetValueOrDefault(stream) switch
    {
        { End: > long.MinValue } timed => timed.End + (!timed.EndIsGuessed ? 0 : usualTicks > 0 ? usualTicks : timed.Step),
        { Sum: > 0 } counted => counted.Sum,
        _ => null,
    };

    /// <summary>Reads all lines.</summary>
    public async Task ReadAsync(System.IO.Stream lines, CancellationToken ct)
    {
        var buffer = new byte[32 << 10];
        while (await lines.ReadAsync(buffer, ct) is > 0 and var count)
        {
            Add(buffer.AsSpan(0, count));
        }

        Add("\n"u8);
    }

    /// <summary>Adds what came, in pieces of any size.</summary>
    public void Add(ReadOnlySpan<byte> piece)
    {
        foreach (var b in piece)
        {
            if (b == (byte)'\n')
            {
                AddLine(_line.AsSpan(0, _length));
                _length = 0;
            }
            else if (_length < LongestLine)
            {
                _line[_length++] = b;
            }
        }
    }

    private void AddLine(ReadOnlySpan<byte> line)
    {
        Span<Range> fields = stackalloc Range[5];
        Span<char> text = stackalloc char[LongestLine];
        text = text[..Encoding.Latin1.GetChars(line, text)];
        var count = ((ReadOnlySpan<char>)text).Split(fields, ',');
        if (count < 4 || !int.TryParse(text[fields[0]], out var index) || index is < 0 or > 10_000)
        {
            return;
        }

        var (shown, decoded) = (Ticks(line[fields[1]]), Ticks(line[fields[2]]));
        if (!_streams.TryGetValue(index, out var stream))
        {
            _streams[index] = stream = new Stream();
        }

        stream.Count++;
        var duration = Ticks(line[fields[3]]) is > 0 and { } said ? said : 0;
        stream.Sum += Math.Min(duration, long.MaxValue - stream.Sum);
        if (clock is not null && decoded is { } next)
        {
            clock.Pass(index, next, duration);
        }

        if ((shown ?? decoded) is not { } at)
        {
            return;
        }

        var start = at + (clock?.Shift ?? 0);
        if (start > stream.Last)
        {
            stream.Step = stream.Last == long.MinValue ? 0 : start - stream.Last;
            stream.Last = start;
        }

        if (start + duration > stream.End || (start + duration == stream.End && duration > 0))
        {
            stream.End = start + duration;
            stream.EndIsGuessed = duration == 0;
        }
    }

    /// <summary>A number that leaves room for sums; null for <c>N/A</c>.</summary>
    private static long? Ticks(ReadOnlySpan<byte> field) =>
        Utf8Parser.TryParse(field, out long ticks, out var used) && used == field.Length && Math.Abs(ticks) < 1L << 60 ? ticks : null;
}
