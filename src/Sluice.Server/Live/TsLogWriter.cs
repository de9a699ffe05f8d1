using Sluice.Media.MpegTs;

namespace Sluice.Server.Live;

/// <summary>
/// Writes segments of MPEG-TS into a log, so that it is one stream whatever they were.
/// <code>
///   bytes ──▶ TsFraming ──▶ ContinuityRewriter ──▶ log        packets, whole and counted on
///                                      └─▶ TsDemuxer ──▶ log  points
/// </code>
/// Only what is whole gets in: the rest of a segment that was cut off stays out.
/// </summary>
internal sealed class TsLogWriter(ChunkLog log)
{
    private readonly TsFraming _framing = new();
    private readonly ContinuityRewriter _rewriter = new();
    private readonly TsDemuxer _demuxer = new();

    /// <summary>Bytes that were no packets.</summary>
    public long LostBytes => _framing.LostBytes;

    /// <summary>Places where packets were missing within a segment.</summary>
    public long Losses => _rewriter.Losses;

    /// <summary>What the channel consists of; null until that is known.</summary>
    public TsProgramMap? Program => _demuxer.Program;

    /// <summary>The next byte is the first of a segment.</summary>
    /// <param name="isBreak">It does not go on where the last one ended.</param>
    /// <param name="programTime">When it was on the air; null when that is not known.</param>
    public void BeginSegment(bool isBreak, DateTimeOffset? programTime)
    {
        _framing.Restart();
        _rewriter.Seam(isBreak);
        if (isBreak)
        {
            _demuxer.Interrupt();
        }

        log.BeginSegment(isBreak, programTime);
    }

    /// <summary>Takes the next bytes of the segment, and shows viewers what came of them.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        var before = log.Position;
        while (_framing.TryTake(ref bytes, out var packets))
        {
            for (; !packets.IsEmpty; packets = packets[TsFraming.PacketBytes..])
            {
                Write(log.GetSpan(ContinuityRewriter.MostBytes), packets[..TsFraming.PacketBytes]);
            }
        }

        if (log.Position > before)
        {
            log.Publish();
        }
    }

    private void Write(Span<byte> room, ReadOnlySpan<byte> packet)
    {
        var written = _rewriter.Rewrite(packet, room);
        for (var at = 0; at < written; at += TsFraming.PacketBytes)
        {
            if (_demuxer.Read(room.Slice(at, TsFraming.PacketBytes), log.Position + at) is { } point)
            {
                log.AddPoint(new LogPoint(point.Position, point.PtsTicks, point.Join));
            }
        }

        log.Advance(written);
    }
}
