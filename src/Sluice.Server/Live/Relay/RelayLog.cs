using System.Buffers.Binary;
using System.IO.Pipelines;
using Sluice.Server.Live.Output;

namespace Sluice.Server.Live.Relay;

/// <summary>How far a log was sent to another node.</summary>
internal sealed class RelayLog : IDisposable
{
    /// <summary>Of what the log holds, the part that goes next: it would be gone before it is sent.</summary>
    private const int MarginPart = 8;

    private readonly ChunkLog _log;
    private readonly long _base;
    private readonly LogReader _reader;
    private LogSegment[] _segments = [];
    private long _points;
    private int _maps;

    /// <param name="number">What it is called.</param>
    /// <param name="log">What is sent.</param>
    public RelayLog(int number, ChunkLog log)
    {
        (Number, _log, _base) = (number, log, BeginningOf(log));
        (_reader, _points) = (new LogReader(log, _base), _base);
    }

    /// <summary>What it is called.</summary>
    public int Number { get; }

    /// <summary>What comes next has left the log.</summary>
    public bool HasFallen => _reader.HasFallen;

    /// <summary>What it holds now; ask before bytes are sent.</summary>
    public LogIndex Index => _log.Index;

    /// <summary>What completes when there is more of it.</summary>
    public IEnumerable<Task> Changes() => [_log.NextChange, _log.NextSegment];

    /// <summary>Whether it is this log.</summary>
    public bool Is(ChunkLog log) => ReferenceEquals(log, _log);

    /// <summary>Sends init segments that are new.</summary>
    public void SendMaps(PipeWriter to, LiveMaps maps)
    {
        Span<byte> front = stackalloc byte[1 + sizeof(int)];
        foreach (var (number, bytes) in maps.From(_maps))
        {
            front[0] = (byte)Number;
            BinaryPrimitives.WriteInt32LittleEndian(front[1..], number);
            RelayFrames.Write(to, RelayKind.Map, front, bytes.Span);
            _maps = number + 1;
        }
    }

    /// <summary>Sends some bytes, if there are any.</summary>
    public bool TrySend(PipeWriter to, out int count)
    {
        count = 0;
        if (!_reader.TryRead(out var bytes))
        {
            return false;
        }

        RelayFrames.Write(to, RelayKind.Bytes, [(byte)Number], bytes.Span);
        count = bytes.Length;
        return true;
    }

    /// <summary>Sends what an index has that was not sent.</summary>
    /// <returns>False when it speaks of bytes that were not: they come in a moment, and it is asked for again.</returns>
    public bool SendIndex(PipeWriter to, LogIndex index)
    {
        var sent = _reader.Position;
        var segments = Array.FindAll(index.Segments, s => s.Position >= _base);
        var points = Array.FindAll(index.Points, p => p.Position >= _points);
        if (Array.Exists(segments, s => s.Position > sent || s.End > sent) || Array.Exists(points, p => p.Position > sent))
        {
            return false;
        }

        var same = Same(segments);
        if (points.Length == 0 && same is null)
        {
            return true;
        }

        var from = same ?? long.MaxValue;
        var update = new RelayIndex(
            Number, from, [.. segments.Where(s => s.Number >= from).Select(Describe)], [.. points.Select(p => new RelayPoint(p.Position - _base, p.PtsTicks, p.Join.ToArray()))]);
        RelayFrames.Write(to, RelayKind.Index, update, RelayJson.Default.RelayIndex);
        _segments = segments;
        _points = points is [.., var last] ? last.Position + 1 : _points;
        return true;
    }

    /// <inheritdoc />
    public void Dispose() => _reader.Dispose();

    /// <summary>Number of the first segment that is not what was sent; null when all are.</summary>
    private long? Same(LogSegment[] now)
    {
        // Old ones go from the front of both sides by themselves.
        var skip = now is [var first, ..] ? Array.FindIndex(_segments, s => s.Number == first.Number) : -1;
        var before = skip < 0 ? [] : _segments.AsSpan(skip);
        var same = 0;
        while (same < before.Length && same < now.Length && ReferenceEquals(before[same], now[same]))
        {
            same++;
        }

        if (same == now.Length && same == before.Length)
        {
            return null;
        }

        return same < now.Length ? now[same].Number : before[same].Number;
    }

    private RelaySegment Describe(LogSegment s) => new(
        s.Number, s.Position - _base, s.End - _base, s.IsDiscontinuity, s.Discontinuities, s.ProgramTime, s.Duration.Ticks, s.Map, s.Prefix.ToArray());

    /// <summary>The first segment that is not about to go; where there is none, what is newest.</summary>
    private static long BeginningOf(ChunkLog log)
    {
        var tail = log.Tail;
        var margin = tail == 0 ? 0 : (log.Position - tail) / MarginPart;
        var segments = log.Index.Segments;
        return (Array.Find(segments, s => s.Position >= tail + margin) ?? (segments is [.., { } last] && last.Position >= tail ? last : null))?.Position ?? tail;
    }
}
