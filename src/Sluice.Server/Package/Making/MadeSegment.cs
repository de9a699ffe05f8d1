using Sluice.Media.Cmaf;

namespace Sluice.Server.Package.Making;

/// <summary>A segment that was made when it was wanted.</summary>
/// <param name="Problem">Why it cannot be, in words for a person; null when it is.</param>
/// <param name="Entry">What its row would say.</param>
/// <param name="Blob">Head and extents, as they would lie in an index: extents of source 0 are of the asset's source, those of 1 of
/// <paramref name="Repeated"/>.</param>
/// <param name="Repeated">Bytes that the file leaves out of every frame.</param>
internal sealed record MadeSegment(string? Problem, SegmentEntry Entry, ReadOnlyMemory<byte> Blob, ReadOnlyMemory<byte> Repeated)
{
    /// <summary>One that cannot be made.</summary>
    public static MadeSegment Failed(string problem) => new(problem, default, default, default);
}

/// <summary>Subtitles that are found when they are wanted.</summary>
/// <param name="Id">Name in URLs: <c>s0</c>, <c>s1</c>…</param>
/// <param name="Language">BCP 47 tag, or null.</param>
/// <param name="Name">Shown to people, or null.</param>
/// <param name="IsDefault">To be shown when the viewer has not chosen.</param>
/// <param name="IsForced">Only what must be understood although the viewer knows the sound's language.</param>
internal sealed record MadeSubtitles(string Id, string? Language, string? Name, bool IsDefault, bool IsForced)
{
    /// <summary>All of them lie in so little of the file that they may be asked for at once.</summary>
    public bool IsCompact { get; init; }
}
