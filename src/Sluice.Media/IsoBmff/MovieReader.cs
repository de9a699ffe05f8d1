using Sluice.Media.Binary;
using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.IsoBmff;

/// <summary>
/// Reads the headers of an ISO base media file: progressive, fragmented or partly so, <c>moov</c> anywhere.
/// Tables are located, not loaded, so memory does not grow with the title.
/// </summary>
public static class MovieReader
{
    /// <summary>More tracks than any real file has; a bound for hostile ones.</summary>
    private const int MostTracks = 256;

    private const int LargestHeaderBox = 1 << 20;

    /// <summary>Reads the headers.</summary>
    /// <param name="source">The whole file.</param>
    /// <param name="reason">Why there is no movie, in words for a person; null when there is one.</param>
    /// <returns>The movie, or null.</returns>
    public static Movie? TryRead(IByteSource source, out string? reason)
    {
        BoxRegion? moov = null;
        long firstFragment = -1, firstData = -1;
        FourCc? brand = null;
        var boxes = 0;
        foreach (var box in BoxRegion.Walk(source, 0, source.Length))
        {
            boxes++;
            if (box.Type == "ftyp" && box.BodyLength >= 4)
            {
                brand ??= FourCc.Read(box.Load(source, LargestHeaderBox) ?? new byte[4]);
            }
            else if (box.Type == "moov")
            {
                moov ??= box;
            }
            else if (box.Type == "mdat" && firstData < 0)
            {
                firstData = box.Start;
            }
            else if (box.Type == "moof")
            {
                firstFragment = box.Start;
                break; // What follows is read fragment by fragment.
            }
        }

        if (moov is not { } found)
        {
            reason = boxes == 0 || (brand is null && firstData < 0)
                ? "it is no MP4 or MOV file"
                : "its index (moov) is missing: the file was cut off or never finished";
            return null;
        }

        return Read(source, found, firstFragment, brand, firstData, out reason);
    }

    private static Movie? Read(
        IByteSource source, BoxRegion moov, long firstFragment, FourCc? brand, long firstData, out string? reason)
    {
        uint timescale = 0;
        var extends = new Dictionary<uint, TrackExtendsBox>();
        var traks = new List<BoxRegion>();
        foreach (var box in moov.Children(source))
        {
            if (box.Type == "mvhd" && MovieHeaderBox.TryParse(box.Load(source, LargestHeaderBox), out var mvhd))
            {
                timescale = mvhd.Timescale;
            }
            else if (box.Type == "trak" && traks.Count < MostTracks)
            {
                traks.Add(box);
            }
            else if (box.Type == "cmov")
            {
                reason = "its index is compressed (cmov), which is not supported";
                return null;
            }
            else if (box.Type == "mvex")
            {
                ReadExtends(source, box, extends);
            }
        }

        var tracks = traks.Select(trak => TrackReader.Read(source, trak, extends, firstFragment)).ToList();
        if (tracks.Count == 0)
        {
            reason = moov.Truncated ? "its index (moov) is cut off" : "it has no tracks";
            return null;
        }

        reason = null;
        var fragmented = firstFragment >= 0 || extends.Count > 0;
        return new Movie(timescale, tracks, fragmented, brand, firstData < 0 || moov.Start < firstData);
    }

    private static void ReadExtends(IByteSource source, BoxRegion mvex, Dictionary<uint, TrackExtendsBox> extends)
    {
        foreach (var box in mvex.Children(source))
        {
            if (box.Type == "trex" && extends.Count < MostTracks
                && TrackExtendsBox.TryParse(box.Load(source, LargestHeaderBox), out var trex))
            {
                extends[trex.TrackId] = trex;
            }
        }
    }
}
