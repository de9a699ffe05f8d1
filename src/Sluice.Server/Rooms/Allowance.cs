namespace Sluice.Server.Rooms;

/// <summary>Something that is used up and comes back with time.</summary>
/// <param name="Most">What there can be of it at once: seconds, or pieces.</param>
/// <param name="PerSecond">What comes back in a second.</param>
internal readonly record struct Allowance(double Most, double PerSecond);

/// <summary>How much of an <see cref="Allowance"/> is left. Either pieces of it are taken, or it runs down by one a second while it is in use.</summary>
internal sealed class Remainder(Allowance allowance)
{
    private double _left = allowance.Most;
    private TimeSpan _asOf;
    private bool _isRunning;

    /// <summary>What is left at this time.</summary>
    public double LeftAt(TimeSpan now)
    {
        var seconds = Math.Max(0, (now - _asOf).TotalSeconds);
        return Math.Clamp(_left + (seconds * (_isRunning ? -1 : allowance.PerSecond)), 0, allowance.Most);
    }

    /// <summary>Takes a piece; false when there is none.</summary>
    public bool TryTake(TimeSpan now)
    {
        var left = LeftAt(now);
        if (left < 1)
        {
            return false;
        }

        (_left, _asOf) = (left - 1, now);
        return true;
    }

    /// <summary>It is in use from now on, or no longer.</summary>
    public void Run(bool isRunning, TimeSpan now)
    {
        (_left, _asOf) = (LeftAt(now), now);
        _isRunning = isRunning;
    }
}
