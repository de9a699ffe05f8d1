namespace Sluice.Media.TimedText;

/// <summary>One text of a track of an MP4: where it lies, and when it is shown.</summary>
/// <param name="Offset">In the file.</param>
/// <param name="SizeBytes">How many bytes it has.</param>
/// <param name="StartMilliseconds">From when on, in the file's presentation time; not negative.</param>
/// <param name="EndMilliseconds">Until when, after the start.</param>
public readonly record struct TextSample(long Offset, int SizeBytes, long StartMilliseconds, long EndMilliseconds);
