namespace Sluice.Server.Store.PipeKv;

/// <summary>Tries again what may pass: three times in all, within two seconds, for a viewer waits.</summary>
internal static class PipeKvRetry
{
    /// <summary>Tries in all.</summary>
    public const int MostTries = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Does it.</summary>
    /// <exception cref="PipeKvException">It did not succeed.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<T>> attempt, TimeProvider clock, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await attempt();
            }
            catch (PipeKvException e) when (e.MayPass && tries < MostTries)
            {
                await Task.Delay(Pause * Math.Pow(4, tries - 1), clock, ct);
            }
        }
    }
}
