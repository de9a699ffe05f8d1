namespace Sluice.Media.Matroska;

/// <summary>One frame of one track, where it lies in the file.</summary>
/// <param name="Track">TrackNumber.</param>
/// <param name="Timestamp">Presentation time in the file's ticks; that of its block's first frame.</param>
/// <param name="Duration">BlockDuration in the file's ticks, which subtitles have; 0 when it is not said.</param>
/// <param name="IsKey">Decoding can begin here, as the file has it.</param>
/// <param name="Lace">Its place in its block: 0 for the first, whose time is known.</param>
/// <param name="Offset">Where its bytes lie.</param>
/// <param name="SizeBytes">How many they are.</param>
internal readonly record struct MatroskaFrame(ulong Track, long Timestamp, long Duration, bool IsKey, int Lace, long Offset, int SizeBytes);
