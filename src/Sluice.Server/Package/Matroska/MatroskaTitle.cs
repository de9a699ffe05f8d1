using Sluice.Media.Matroska;
using Sluice.Server.Package.Making;

namespace Sluice.Server.Package.Matroska;

/// <summary>A Matroska file whose segments are made out of its clusters.</summary>
/// <param name="segments">What is known of it.</param>
/// <param name="tracks">The tracks that are offered, by their names in URLs.</param>
/// <param name="desk">Finds frames.</param>
internal sealed class MatroskaTitle(MatroskaSegments segments, IReadOnlyDictionary<string, MatroskaTrack> tracks, StretchDesk desk) : ISegmentMaker
{
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
}
