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
    /// <summary>Whether it makes the segments of this track.</summary>
    bool Makes(string track);

    /// <summary>Segment <paramref name="number"/>, from 1, of a track that it makes.</summary>
    /// <exception cref="Store.SourceUnavailableException">The file cannot be read.</exception>
    ValueTask<MadeSegment> MakeAsync(string track, int number, CancellationToken ct);
}
