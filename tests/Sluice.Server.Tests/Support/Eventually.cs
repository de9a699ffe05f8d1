namespace Sluice.Server.Tests.Support;

/// <summary>For what the server does after its answer, or without one.</summary>
internal static class Eventually
{
    /// <summary>How long a test waits for what must come. Far longer than it takes on any machine: only a test that fails waits so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private const int LongestPauseMilliseconds = 20;

    /// <summary>Waits for <paramref name="holds"/>, as long as <see cref="Patience"/> lasts.</summary>
    public static Task<bool> Holds(Func<bool> holds) => Holds(() => Task.FromResult(holds()));

    /// <summary>Waits for <paramref name="holds"/>.</summary>
    /// <param name="holds">What is asked for again and again.</param>
    /// <param name="seconds">How long at most, for what must not come; as long as <see cref="Patience"/> lasts when null.</param>
    public static async Task<bool> Holds(Func<Task<bool>> holds, int? seconds = null)
    {
        // By tries and not by a clock: a machine that stood still for a while is asked once more.
        var most = (int)((seconds ?? Patience.TotalSeconds) * 1000 / LongestPauseMilliseconds);
        for (var tries = 1; tries <= most; tries++)
        {
            if (await holds())
            {
                return true;
            }

            await Task.Delay(Math.Min(tries, LongestPauseMilliseconds));
        }

        return false;
    }
}
