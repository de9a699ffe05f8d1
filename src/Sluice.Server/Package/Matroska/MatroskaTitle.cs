using Sluice.Media.Matroska;
using Sluice.Media.Text;
using Sluice.Server.Package.Making;

namespace Sluice.Server.Package.Matroska;

/// <summary>A Matroska file whose segments are made out of its clusters.</summary>
/// <param name="segments">What is known of it.</param>
/// <param name="tracks">The tracks that are offered, by their names in URLs.</param>
/// <param name="texts">The subtitles that are offered, likewise.</param>
/// <param name="desk">Finds frames.</param>
internal sealed class MatroskaTitle(
    MatroskaSegments segments, IReadOnlyDictionary<string, MatroskaTrack> tracks, IReadOnlyDictionary<string, MatroskaTrack> texts, StretchDesk desk)
    : ISegmentMaker
{
    /// <inheritdoc />
    public IReadOnlyList<MadeSubtitles> Subtitles { get; } =
        [.. texts.Select(t => new MadeSubtitles(t.Key, t.Value.Language, t.Value.Name, t.Value.IsForced && t.Value.IsDefault, t.Value.IsForced))];

    /// <inheritdoc />
    public long OriginSeconds => segments.OriginSeconds;

    /// <inheritdoc />
    public bool Makes(string track) => tracks.ContainsKey(track);

    /// <inheritdoc />
    public async ValueTask<MadeSegment> MakeAsync(string track, int number, CancellationToken ct)
    {
        var (stretch, problem) = await desk.FindAsync(number, ct);
        return stretch is not null && segments.Make(stretch, tracks[track], out problem) is { } made
            ? new MadeSegment(null, made.Entry, made.ToBlob(), tracks[track].Stripped)
            : MadeSegment.Failed(problem ?? "it is damaged");
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<Cue>?> CuesAsync(string subtitles, int number, CancellationToken ct)
    {
        if (number < 1 || number > segments.Cuts.Count || !texts.TryGetValue(subtitles, out var track))
        {
            return null;
        }

        var (stretch, _) = await desk.FindAsync(number, ct);
        return stretch is null ? null : await desk.ReadAsync(source => MatroskaSubtitles.Read(source, stretch, track, segments.Movie.Timescale), ct);
    }
}
