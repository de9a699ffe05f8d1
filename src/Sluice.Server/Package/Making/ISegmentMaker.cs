using Sluice.Media.Text;

namespace Sluice.Server.Package.Making;

/// <summary>
/// Finds out what is in a segment when somebody wants it, for titles whose index says only when its segments are: their files lie elsewhere, and to look
/// into every segment would be to fetch them whole.
/// <code>
///   index ──▶ playlists          a segment is wanted ──▶ maker ──▶ head, and where its payload lies ──▶ sent as any other
/// </code>
/// Safe for concurrent use.
/// </summary>
internal interface ISegmentMaker
{
    /// <summary>Subtitles that lie between the frames, in the file's order.</summary>
    IReadOnlyList<MadeSubtitles> Subtitles { get; }

    /// <summary>Whole seconds that all segments are later than in the source, whose times cues have.</summary>
    long OriginSeconds { get; }

    /// <summary>Whether it makes the segments of this track.</summary>
    bool Makes(string track);

    /// <summary>Segment <paramref name="number"/>, from 1, of a track that it makes.</summary>
    /// <exception cref="Store.SourceUnavailableException">The file cannot be read.</exception>
    ValueTask<MadeSegment> MakeAsync(string track, int number, CancellationToken ct);

    /// <summary>The cues that begin in segment <paramref name="number"/>, from 1, in the source's own time; null when it cannot be told.</summary>
    /// <exception cref="Store.SourceUnavailableException">The file cannot be read.</exception>
    ValueTask<IReadOnlyList<Cue>?> CuesAsync(string subtitles, int number, CancellationToken ct);
}
