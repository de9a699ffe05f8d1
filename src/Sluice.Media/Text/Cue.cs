namespace Sluice.Media.Text;

/// <summary>Text that is shown for a while.</summary>
/// <param name="StartMilliseconds">From when on, in milliseconds of the title; not negative.</param>
/// <param name="EndMilliseconds">Until when, after the start.</param>
/// <param name="Text">WebVTT cue text (section 4.2.2 of the W3C's WebVTT) as <see cref="CueText"/> makes it: no line is empty, tags are
/// few and closed, everything else is escaped.</param>
/// <param name="Settings">Where it is shown, as <see cref="CueSettings"/> makes it; empty for the player's own choice.</param>
public sealed record Cue(long StartMilliseconds, long EndMilliseconds, string Text, string Settings = "");
