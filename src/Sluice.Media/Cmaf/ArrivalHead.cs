using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>Whether a file that arrives from front to back can be played before it is there.</summary>
public enum ArrivalPlays
{
    /// <summary>Too little has landed to tell.</summary>
    Unknown,

    /// <summary>Its index and its first samples are there.</summary>
    Now,

    /// <summary>Only when all of it has arrived: its index comes last, or it cannot be cut before its end is known.</summary>
    AtEnd,

    /// <summary>It is no ISO base media file.</summary>
    NotMovie,
}

/// <summary>
/// What the first bytes of an arriving file tell.
/// <code>
///   boxes ──► mdat before moov: at the end
///     └─────► moov, whole ──► in one piece: the first sample of each track ──► now
///                        └──► in fragments: 32 samples of each track ──────► now
/// </code>
/// Nothing but box headers, <c>moov</c> and the first fragments is read. What is hostile costs no more than an honest file.
/// </summary>
/// <param name="Plays">The answer.</param>
/// <param name="NeedBytes">With <see cref="ArrivalPlays.Unknown"/>: to be asked again when so many bytes have landed; else 0.</param>
public readonly record struct ArrivalHead(ArrivalPlays Plays, long NeedBytes)
{
    /// <summary>Boxes before the <c>moov</c>; real files have three or four.</summary>
    private const int MostBoxes = 256;

    /// <summary>Tracks of picture and sound.</summary>
    private const int MostTracks = 64;

    /// <summary>Bytes of a first sample from which codecs are told apart.</summary>
    private const int FirstSampleBytes = 4096;

    /// <summary>Samples that may be claimed at no cost: a day of sound.</summary>
    private const long MostUnbackedSamples = 1 << 22;

    /// <summary>Looks at what has landed; costs little, and less the less has.</summary>
    /// <param name="source">The file, with its announced length.</param>
    /// <param name="landedBytes">Bytes of it that are there, counted from its start.</param>
    public static ArrivalHead Look(IByteSource source, long landedBytes)
    {
        Span<byte> header = stackalloc byte[BoxHeader.MaxBytes];
        long at = 0;
        for (var boxes = 0; boxes < MostBoxes; boxes++)
        {
            var never = new ArrivalHead(boxes == 0 ? ArrivalPlays.NotMovie : ArrivalPlays.AtEnd, 0);
            var length = (int)Math.Min(header.Length, source.Length - at);
            if (length < 8)
            {
                return never;
            }

            if (at + length > landedBytes || !source.TryFill(at, header[..length]))
            {
                return Wait(at + length, landedBytes, source);
            }

            if (BoxRegion.Read(header[..length], at, source.Length) is not { } box || (boxes == 0 && !IsPlausible(box)))
            {
                return never;
            }

            if (box.Type == MoovType)
            {
                return box.Truncated ? never
                    : box.End > landedBytes ? Wait(box.End, landedBytes, source)
                    : LookAtMovie(source, box.End, landedBytes);
            }

            if (box.Type == MdatType || box.Type == MoofType)
            {
                break;
            }

            at = box.End;
        }

        return new ArrivalHead(ArrivalPlays.AtEnd, 0);
    }

    /// <summary>Other files begin with bytes that can be taken for the header of a box, but of a strange one.</summary>
    private static bool IsPlausible(BoxRegion box)
    {
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            if ((byte)(box.Type.Value >> shift) is not (>= 0x20 and < 0x7F))
            {
                return false;
            }
        }

        return !box.Truncated || box.Type == MdatType || box.Type == MoovType;
    }

    private static ArrivalHead LookAtMovie(IByteSource source, long moovEnd, long landedBytes)
    {
        var late = new ArrivalHead(ArrivalPlays.AtEnd, 0);
        if (MovieReader.TryRead(source, out _) is not { } movie)
        {
            return late;
        }

        var tracks = movie.Tracks.Where(static t => t.Problem is null && t.Kind is TrackKind.Video or TrackKind.Audio).ToList();
        if (tracks.Count is 0 or > MostTracks || tracks.Exists(t => t.UnbackedSamples(source) > MostUnbackedSamples))
        {
            return late;
        }

        var fragments = movie.IsFragmented ? FirstFragments.Find(source, moovEnd, landedBytes) : default;
        if (movie.IsFragmented && fragments is { HasAny: false, IsAtEnd: false })
        {
            return fragments.HasLimit ? late : Wait(fragments.EndBytes + BoxHeader.MaxBytes, landedBytes, source);
        }

        // Sound alone is divided evenly up to its end, and a fragmented track's end is not known before it is there.
        if (tracks.TrueForAll(static t => t.IsFragmented && t.Kind == TrackKind.Audio))
        {
            return late;
        }

        long need = 0;
        foreach (var track in tracks)
        {
            var suffice = !track.IsFragmented ? true : fragments.Suffice(source, movie, track);
            if (suffice is not true)
            {
                return suffice is null || fragments.HasLimit ? late : Wait(fragments.NextLookBytes(landedBytes), landedBytes, source);
            }

            if (track.OpenSamples(source).TryRead(out var first))
            {
                need = Math.Max(need, first.Offset + Math.Min(first.SizeBytes, FirstSampleBytes));
            }
        }

        return need > landedBytes ? Wait(need, landedBytes, source) : new ArrivalHead(ArrivalPlays.Now, 0);
    }

    /// <summary>Always for more than has landed, and never for more than there will be: then the file is whole, and nobody asks.</summary>
    private static ArrivalHead Wait(long bytes, long landedBytes, IByteSource source) =>
        new(ArrivalPlays.Unknown, Math.Min(Math.Max(bytes, landedBytes + 1), source.Length));

    private static readonly FourCc MoovType = "moov";
    private static readonly FourCc MdatType = "mdat";
    private static readonly FourCc MoofType = "moof";
}
