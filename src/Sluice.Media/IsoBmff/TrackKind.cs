namespace Sluice.Media.IsoBmff;

/// <summary>What a track carries, from its handler (ISO/IEC 14496-12 section 8.4.3).</summary>
public enum TrackKind
{
    /// <summary>Neither of the others: hints, metadata, timecode, subtitles as pictures.</summary>
    Other,

    /// <summary>Handler <c>vide</c>.</summary>
    Video,

    /// <summary>Handler <c>soun</c>.</summary>
    Audio,

    /// <summary>Handlers <c>text</c>, <c>sbtl</c>, <c>subt</c>, <c>clcp</c>.</summary>
    Text,
}
