using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
namespace Sluice.Server.Transcode;
internal static class EncodedInit
{
    public static bool IsSameDecoder(byte[] init, MovieTrack track) => true;
    public static byte[] Write(MovieTrack track, SampleDescription d, uint trackId, uint timescale, string? language) => InitSegmentWriter.Write(new InitSegment(trackId, track.Kind, timescale, d.ToCmafSampleEntry(), null, track.Header?.Matrix, track.Header?.Width ?? 0, track.Header?.Height ?? 0));
}
internal static class CutTableIndex
{
    public static void Write(IByteSink sink, SegmentTiming[] timings, byte[] init, TrackSummary summary)
    {
        var w = new TrackIndexWriter(sink);
        foreach (var t in timings) w.Append(t, [], [], 0);
        w.Finish(init, summary);
    }
}
internal sealed class ChunkGather(IByteSink sink, TrackSummary summary, byte[] init)
{
    private readonly TrackIndexWriter _w = new(sink);
    public void Append(SegmentTiming timing, ReadOnlySpan<byte> head, long offset, long length) => _w.Append(timing, head, [new Extent(offset, (int)length, 1)], length);
    public void Finish() => _w.Finish(init, summary with { PeakBitsPerSecond = BitRates.Peak(_w.Entries, summary.Timescale, summary.LongestSegmentTicks), AverageBitsPerSecond = BitRates.Average(_w.Entries, summary.Timescale) });
}
