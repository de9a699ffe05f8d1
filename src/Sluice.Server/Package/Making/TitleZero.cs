namespace Sluice.Server.Package.Making;

/// <summary>How the times of a title's segments follow from those of its source.</summary>
/// <param name="SourceMilliseconds">Time of the source that is the title's zero.</param>
/// <param name="OriginSeconds">Whole seconds by which all segments are later than that.</param>
internal sealed record TitleZero(long SourceMilliseconds, long OriginSeconds);
