namespace Sluice.Server.Jobs;

/// <summary>When a failed attempt is made again: 2 s, 8 s, 32 s… after the 1st, 2nd, 3rd failure, at most ten minutes, and
/// up to a quarter more, so that what failed together does not come back together.</summary>
internal static class RetryDelay
{
    /// <summary>Failures in a row after which a task is given up.</summary>
    public const int MostFailures = 4;

    private const double Jitter = 0.25;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Whether another attempt follows a failure that had <paramref name="failuresBefore"/> before it.</summary>
    public static bool MayFollow(int failuresBefore) => failuresBefore + 1 < MostFailures;

    /// <summary>The pause after a failure that had <paramref name="failuresBefore"/> before it.</summary>
    /// <param name="failuresBefore">From 0.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan After(int failuresBefore, double random)
    {
        var seconds = Math.Min(First.TotalSeconds * Math.Pow(4, failuresBefore), Longest.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (1 + (Jitter * random)));
    }
}
