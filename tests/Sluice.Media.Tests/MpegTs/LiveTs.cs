using System.Buffers;
using Shouldly;
using Sluice.Media.MpegTs;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>What a channel does to the transport stream that it is given: framing, counters, points.</summary>
internal sealed class LiveTs
{
    private readonly ArrayBufferWriter<byte> _output = new();

    public TsFraming Framing { get; } = new();

    public ContinuityRewriter Rewriter { get; } = new();

    public TsDemuxer Demuxer { get; } = new();

    public List<TsPoint> Points { get; } = [];

    public byte[] Output => _output.WrittenSpan.ToArray();

    /// <summary>Takes a segment, in pieces of so many bytes.</summary>
    public LiveTs Feed(ReadOnlySpan<byte> segment, int piece = 8192)
    {
        Span<byte> room = stackalloc byte[ContinuityRewriter.MostBytes];
        while (!segment.IsEmpty)
        {
            var bytes = segment[..Math.Min(piece, segment.Length)];
            segment = segment[bytes.Length..];
            while (Framing.TryTake(ref bytes, out var packets))
            {
                for (; !packets.IsEmpty; packets = packets[188..])
                {
                    var written = Rewriter.Rewrite(packets[..188], room);
                    for (var at = 0; at < written; at += 188)
                    {
                        var point = Demuxer.Read(room.Slice(at, 188), _output.WrittenCount);
                        _output.Write(room.Slice(at, 188));
                        Points.AddRange(point is null ? [] : [point]);
                    }
                }
            }

            bytes.IsEmpty.ShouldBeTrue();
        }

        return this;
    }

    /// <summary>The next byte is the first of another segment.</summary>
    public LiveTs Seam(bool isBreak = false)
    {
        Framing.Restart();
        Rewriter.Seam(isBreak);
        if (isBreak)
        {
            Demuxer.Interrupt();
        }

        return this;
    }

    /// <summary>What a viewer gets who comes in at a point.</summary>
    public byte[] From(TsPoint point) => [.. point.Join.Span, .. Output.AsSpan((int)point.Position)];
}
