using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// When the frames of a copied track are shown, chunk by chunk of its own cuts: what an encoded rendition that follows it keeps, frame
/// for frame, be the rate constant or not.
/// </summary>
internal sealed class CopiedFrames(SegmentTiming[] timings, long[] times)
{
    /// <summary>Reads the times of all frames from the track's index: eight bytes each, some megabytes for a long film.</summary>
    /// <returns>Null when there is no such index.</returns>
    public static async Task<CopiedFrames?> ReadAsync(IObjectStore store, AssetId asset, string track, CancellationToken ct)
    {
        using var index = await store.OpenAsync(ObjectKey.Index(asset, track), ct);
        return index is null ? null : await ReadAsync(index, ct);
    }

    /// <summary>As the other one, from an index that is not stored yet.</summary>
    public static async Task<CopiedFrames?> ReadAsync(IObjectReader index, CancellationToken ct)
    {
        if (await TrackIndexFile.ReadAsync(index, ct) is not { } file)
        {
            return null;
        }

        var times = new List<long>();
        var samples = new List<SegmentSample>();
        foreach (var row in file.Rows)
        {
            var blob = await TrackIndexFile.BlobAsync(index, row, ct);
            var decode = SegmentHeadReader.TryRead(blob.AsMemory(0, row.HeadBytes), samples)
                ?? throw new InvalidDataException("A head of the track index is damaged.");
            foreach (var sample in samples)
            {
                times.Add(decode + sample.CompositionOffset);
                decode += sample.DurationTicks;
            }
        }

        times.Sort();
        return new CopiedFrames([.. file.Rows.Select(r => r.Timing)], [.. times]);
    }

    /// <summary>Presentation times of the frames shown during a chunk, ascending.</summary>
    public long[] Of(int number)
    {
        var (start, end) = (timings[number - 1].StartTicks, timings[number - 1].StartTicks + timings[number - 1].DurationTicks);
        return times[IndexOf(start)..IndexOf(end)];
    }

    /// <summary>The longest time that so many frames take one after the other: how early decoding must begin.</summary>
    public long LongestStretch(int frames) =>
        Enumerable.Range(0, Math.Max(0, times.Length - frames)).Select(i => times[i + frames] - times[i]).DefaultIfEmpty(0).Max();

    private int IndexOf(long time)
    {
        var found = Array.BinarySearch(times, time);
        return found < 0 ? ~found : found;
    }
}
