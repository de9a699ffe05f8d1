using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.IsoBmff;

/// <summary>One run of samples in a movie fragment (ISO/IEC 14496-12 section 8.8.8), and where its bytes begin.</summary>
/// <param name="TrackId">The track.</param>
/// <param name="Box">The samples.</param>
/// <param name="Start">Offset of the first sample's bytes in the file.</param>
/// <param name="DecodeTicks">Decode time of the first sample; null when it follows the samples before.</param>
/// <param name="DescriptionIndex">Entry of <c>stsd</c>, from 1.</param>
internal sealed record FragmentRun(uint TrackId, TrackRunBox Box, long Start, long? DecodeTicks, int DescriptionIndex)
{
    /// <summary>Reads the runs of one <c>moof</c>.</summary>
    /// <param name="moof">Its body.</param>
    /// <param name="moofStart">Offset of the whole box in the file.</param>
    /// <param name="extendsOf">A track's defaults; null for a track that nobody asks for.</param>
    /// <param name="runs">Takes the runs of the tracks that are asked for, in file order.</param>
    /// <returns>Why a run that is asked for cannot be read, or null.</returns>
    public static string? Collect(
        ReadOnlyMemory<byte> moof, long moofStart, Func<uint, TrackExtendsBox?> extendsOf, ICollection<FragmentRun> runs)
    {
        var position = moofStart; // Where the data of the traf before ended (section 8.8.7.1, base-data-offset absent).
        string? problem = null;
        var boxes = new BoxReader(moof.Span);
        while (boxes.Next())
        {
            if (boxes.Type != TrafType)
            {
                continue;
            }

            var traf = moof.Slice(OffsetOf(moof.Span, boxes.Body), boxes.Body.Length);
            var tfhd = BoxReader.Find(traf.Span, TfhdType);
            var extends = extendsOf(TrackFragmentHeaderBox.TrackIdOf(tfhd));
            if (!TrackFragmentHeaderBox.TryParse(tfhd, extends ?? default, out var header))
            {
                return "a fragment's track header (tfhd) is damaged";
            }

            var start = header.BaseDataOffset ?? (header.DefaultBaseIsMoof ? moofStart : position);
            position = CollectRuns(traf, header, start, extends is null ? null : runs, ref problem);
        }

        return problem;
    }

    /// <returns>Where the data of the last run ends.</returns>
    private static long CollectRuns(
        ReadOnlyMemory<byte> traf, TrackFragmentHeaderBox header, long start, ICollection<FragmentRun>? runs, ref string? problem)
    {
        long? decode = TrackFragmentDecodeTimeBox.TryParse(BoxReader.Find(traf.Span, TfdtType), out var tfdt)
            ? tfdt.DecodeTicks
            : null;
        var boxes = new BoxReader(traf.Span);
        var position = start;
        while (boxes.Next())
        {
            if (boxes.Type != TrunType)
            {
                continue;
            }

            var body = traf.Slice(OffsetOf(traf.Span, boxes.Body), boxes.Body.Length);
            if (TrackRunBox.TryParse(body, header) is not { } run)
            {
                problem ??= runs is null ? null : "a fragment's run (trun) claims more samples than it describes";
                return position;
            }

            position = run.DataOffset is { } offset ? start + offset : position;
            runs?.Add(new FragmentRun(
                header.TrackId, run, position, decode, (int)Math.Min(header.DescriptionIndex, int.MaxValue)));
            decode = null;
            position += SizeOf(body, header);
        }

        return position;
    }

    private static long SizeOf(ReadOnlyMemory<byte> body, TrackFragmentHeaderBox header)
    {
        var run = TrackRunBox.TryParse(body, header);
        long total = 0;
        if (run is not null && (body.Span[2] & 0x2) == 0)
        {
            return (long)run.SampleCount * header.Size; // Bit 0x200 of the flags is clear: every size is the default.
        }

        while (run is not null && run.TryRead(out var sample))
        {
            total += sample.Size;
        }

        return total;
    }

    private static int OffsetOf(ReadOnlySpan<byte> outer, ReadOnlySpan<byte> inner) =>
        inner.IsEmpty || !outer.Overlaps(inner, out var offset) ? 0 : offset;

    private static readonly FourCc TrafType = "traf";
    private static readonly FourCc TfhdType = "tfhd";
    private static readonly FourCc TfdtType = "tfdt";
    private static readonly FourCc TrunType = "trun";
}
