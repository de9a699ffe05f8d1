namespace Sluice.Server.Rooms;

/// <summary>Where a title is: a point that stands, or moves.</summary>
/// <param name="IsMoving">Whether it moves.</param>
/// <param name="Seconds">Where it was at <paramref name="At"/>, in seconds of the title.</param>
/// <param name="Rate">Seconds of the title in a second.</param>
/// <param name="At">The room's time.</param>
internal readonly record struct Playhead(bool IsMoving, double Seconds, double Rate, TimeSpan At)
{
    /// <summary>Where it is at this time, never beyond the end of the title.</summary>
    /// <param name="now">The room's time.</param>
    /// <param name="length">Seconds of the title; infinite when it is not known.</param>
    public double SecondsAt(TimeSpan now, double length) =>
        Math.Min(IsMoving ? Seconds + (Math.Max(0, (now - At).TotalSeconds) * Rate) : Seconds, length);
}
