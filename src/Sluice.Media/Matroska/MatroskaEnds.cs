using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Matroska;

/// <summary>
/// Finds where sounds end that end before the picture, which no table says: players wait for segments that are listed and have nothing.
/// <code>
///   in the last segment? ── yes ──▶ there        no ──▶ in the one in the middle? … halved until it is found
/// </code>
/// </summary>
/// <param name="source">The file.</param>
/// <param name="cuts">All segments.</param>
/// <param name="leader">TrackNumber of the track whose keyframes the cuts are.</param>
internal sealed class MatroskaEnds(IByteSource source, IReadOnlyList<MatroskaCut> cuts, ulong leader)
{
    /// <summary>Segments larger than this are not looked into: what is in them is not known, and taken to be there.</summary>
    private const long MostBytes = 16 << 20;

    private readonly Dictionary<int, MatroskaStretch?> _looks = [];

    /// <summary>Number of the last segment that has something of a sound, and the time of its last frame there; null when that cannot be found out.</summary>
    /// <param name="track">A sound that is in the first segment.</param>
    public (int Number, long LastTicks)? Find(MatroskaTrack track)
    {
        if (track.Kind != TrackKind.Audio || track.Number == leader)
        {
            return null;
        }

        var (has, hasNot) = (1, cuts.Count + 1);
        for (var number = cuts.Count; hasNot - has > 1; number = (has + hasNot) / 2)
        {
            if (Look(number) is not { } stretch)
            {
                return null;
            }

            (has, hasNot) = stretch.Of(track.Number).Count > 0 ? (number, hasNot) : (has, number);
        }

        return Look(has)?.Of(track.Number) is { Count: > 0 } frames ? (has, frames.Max(f => f.Timestamp)) : null;
    }

    private MatroskaStretch? Look(int number)
    {
        if (!_looks.TryGetValue(number, out var stretch))
        {
            var cut = cuts[number - 1];
            _looks[number] = stretch = cut.NextOffset - cut.Offset > MostBytes ? null
                : MatroskaStretch.TryRead(source, number, cut, number == cuts.Count, leader, out _);
        }

        return stretch;
    }
}
