using Sluice.Media.IsoBmff;
using Sluice.Media.Matroska;
using Sluice.Media.Text;
using Sluice.Server.Package.Making;

namespace Sluice.Server.Package.Matroska;

/// <summary>
/// Subtitles that lie between the frames of a Matroska file. A text belongs to the stretch in which it lies; one that is shown a little before that stretch,
/// or after it, counts as its first or its last.
/// </summary>
/// <param name="segments">What is known of the file.</param>
/// <param name="texts">The subtitles that are offered, by their names in URLs.</param>
/// <param name="desk">Finds frames.</param>
internal sealed class MatroskaTexts(MatroskaSegments segments, IReadOnlyDictionary<string, MatroskaTrack> texts, StretchDesk desk) : ISubtitleMaker
{
    /// <inheritdoc />
    public IReadOnlyList<MadeSubtitles> Subtitles { get; } =
        [.. texts.Select(t => new MadeSubtitles(t.Key, t.Value.Language, t.Value.Name, t.Value.IsForced && t.Value.IsDefault, t.Value.IsForced))];

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<Cue>?> CuesAsync(string subtitles, long fromMilliseconds, long toMilliseconds, CancellationToken ct)
    {
        if (!texts.TryGetValue(subtitles, out var track))
        {
            return null;
        }

        var found = new List<Cue>();
        foreach (var (i, cut) in segments.Cuts.Index())
        {
            var (start, end) = (i == 0 ? long.MinValue : InMilliseconds(cut.StartTicks), i == segments.Cuts.Count - 1 ? long.MaxValue : InMilliseconds(cut.EndTicks));
            if (end <= fromMilliseconds || start >= toMilliseconds)
            {
                continue;
            }

            var (stretch, _) = await desk.FindAsync(i + 1, ct);
            if (stretch is null)
            {
                return null;
            }

            var cues = await desk.ReadAsync(source => MatroskaSubtitles.Read(source, stretch, track, segments.Movie.Timescale), ct);
            found.AddRange(cues.Where(c => Math.Clamp(c.StartMilliseconds, start, end - 1) is var at && at >= fromMilliseconds && at < toMilliseconds));
        }

        return found;
    }

    private long InMilliseconds(long ticks) => Ticks.Rescale(ticks, segments.Movie.Timescale, 1000);
}
