using Sluice.Media.Cmaf;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>What holds for every index that was compiled from anything at all.</summary>
internal static class IndexChecks
{
    public static void Check(TrackIndexReader? index, IReadOnlyList<SegmentTiming> timings, long fileLength)
    {
        Require(index is not null, "the index cannot be opened");
        Require(index!.ReadTimings().SequenceEqual(timings), "the timings are not those that were written");
        var samples = new List<SegmentSample>();
        long? decode = null;
        for (var n = 1; n <= index.SegmentCount; n++)
        {
            var entry = index.ReadEntry(n)!.Value;
            var blob = index.ReadBlob(entry);
            Require(blob is not null, "a blob cannot be read");
            Require(entry.Timing.DurationTicks > 0, "a segment lasts nothing");
            Require(n == 1 || entry.Timing.StartTicks == timings[n - 2].StartTicks + timings[n - 2].DurationTicks, "a gap or an overlap");
            var first = SegmentHeadReader.TryRead(blob.AsMemory(0, entry.HeadBytes), samples);
            Require(first is >= 0 && samples.Count > 0, "a head cannot be read, or is empty");
            Require(decode is null || first == decode, $"decode time {first} does not follow {decode}");
            decode = first + samples.Sum(s => (long)s.DurationTicks);
            Require(samples.Sum(s => (long)s.SizeBytes) == entry.PayloadBytes, "sizes do not add up");
            long payload = 0;
            for (var i = 0; i < entry.ExtentCount; i++)
            {
                var extent = Extent.Read(blob.AsSpan(entry.HeadBytes + (i * Extent.Size)));
                Require(extent is { Offset: >= 0, LengthBytes: > 0 } && extent.Offset + extent.LengthBytes <= fileLength, "an extent outside the file");
                payload += extent.LengthBytes;
            }

            Require(payload == entry.PayloadBytes, "extents do not add up");
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
