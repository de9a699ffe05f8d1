using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Server.Tests.Support;

/// <summary>Track indexes made up by hand.</summary>
internal static class SmallIndex
{
    /// <summary>An index with one segment of one second for each set of extents; heads and init are some text.</summary>
    public static byte[] Of(TrackKind kind, IReadOnlyList<Extent[]> segments)
    {
        var sink = new MemorySink();
        var writer = new TrackIndexWriter(sink);
        for (var i = 0; i < segments.Count; i++)
        {
            writer.Append(
                new SegmentTiming(i * 1000, 1000), "the segment's head"u8, segments[i], segments[i].Sum(e => (long)e.LengthBytes));
        }

        writer.Finish("the init segment"u8, new TrackSummary
        {
            Id = "a0",
            Kind = kind,
            Codecs = "mp4a.40.2",
            Timescale = 1000,
            SegmentCount = segments.Count,
            StartTicks = 0,
            EndTicks = segments.Count * 1000,
            LongestSegmentTicks = 1000,
            PeakBitsPerSecond = 1,
            AverageBitsPerSecond = 1,
        });
        return sink.ToArray();
    }

    private sealed class MemorySink : IByteSink
    {
        private readonly List<byte> _bytes = [];

        public void Write(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

        public byte[] ToArray() => [.. _bytes];
    }
}
