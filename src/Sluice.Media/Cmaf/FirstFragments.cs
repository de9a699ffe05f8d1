using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>
/// The boxes behind the <c>moov</c> of an arriving file, up to a limit, so that a look at them answers the same however much has
/// landed, and costs the same.
/// </summary>
/// <param name="StartBytes">Where the first fragment begins; -1 without one so far.</param>
/// <param name="EndBytes">Where the first box begins that was not looked at.</param>
/// <param name="IsAtEnd">No more boxes follow.</param>
/// <param name="HasLimit">More follow, but no more are looked at.</param>
internal readonly record struct FirstFragments(long StartBytes, long EndBytes, bool IsAtEnd, bool HasLimit)
{
    /// <summary>Four to twelve seconds of the richest video, where writers make fragments of two.</summary>
    private const long MostBytes = 64 << 20;

    private const int MostBoxes = 4096;

    /// <summary>Samples from which a beginning is known: reordering reaches over 16 frames at most (ISO/IEC 14496-10 annex A).</summary>
    private const int FewestSamples = 32;

    private const int MostSamples = 1 << 20;

    /// <summary>There is a fragment.</summary>
    public bool HasAny => StartBytes >= 0;

    /// <summary>Walks the boxes.</summary>
    /// <param name="source">The file, with its announced length.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="landedBytes">Bytes of it that are there.</param>
    public static FirstFragments Find(IByteSource source, long from, long landedBytes)
    {
        Span<byte> header = stackalloc byte[BoxHeader.MaxBytes];
        long start = -1, at = from;
        for (var boxes = 0; ; boxes++)
        {
            var length = (int)Math.Min(header.Length, source.Length - at);
            if (length < 8)
            {
                return new FirstFragments(start, at, true, false);
            }

            if (at + length > landedBytes || !source.TryFill(at, header[..length]))
            {
                return new FirstFragments(start, at, false, false);
            }

            if (BoxRegion.Read(header[..length], at, source.Length) is not { } box)
            {
                return new FirstFragments(start, at, true, false);
            }

            start = start < 0 && box.Type == MoofType ? at : start;
            if (boxes == MostBoxes || (start >= 0 && at - start > MostBytes))
            {
                return new FirstFragments(start, at, false, true);
            }

            at = box.End;
        }
    }

    /// <summary>Of a fragmented track, whether enough is there to know how it begins; null when it claims more than it can have.</summary>
    public bool? Suffice(IByteSource source, Movie movie, MovieTrack track)
    {
        var scan = TrackScan.Run(new Beginning(source, EndBytes), movie, track, MostSamples);
        return scan.IsPartial ? null : !scan.IsOpen || scan.KeptCount >= FewestSamples;
    }

    /// <summary>When another look is worth its while.</summary>
    /// <param name="landedBytes">Bytes that are there.</param>
    public long NextLookBytes(long landedBytes) => Math.Max(EndBytes, landedBytes + ((landedBytes - StartBytes) / 2));

    /// <summary>A file of which so much has landed.</summary>
    private sealed class Beginning(IByteSource source, long landedBytes) : IByteSource
    {
        public long Length => source.Length;

        public int Read(long offset, Span<byte> destination) =>
            source.Read(offset, destination[..(int)Math.Clamp(landedBytes - offset, 0, destination.Length)]);
    }

    private static readonly FourCc MoofType = "moof";
}
