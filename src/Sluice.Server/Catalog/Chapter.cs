namespace Sluice.Server.Catalog;

/// <summary>A part of a title that its file names, so that people find their way in it.</summary>
/// <param name="StartSeconds">Where it begins, from the title's beginning.</param>
/// <param name="EndSeconds">Where it ends: at the next one's beginning, at the latest.</param>
/// <param name="Title">Text, never markup; null when the file does not say.</param>
internal sealed record Chapter(double StartSeconds, double EndSeconds, string? Title);
