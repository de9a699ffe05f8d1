namespace Sluice.Server.Tests.Support;

/// <summary>For what the server does after its answer, or without one.</summary>
internal static class Eventually
{
    /// <summary>Waits up to ten seconds for <paramref name="holds"/>.</summary>
    public static Task<bool> Holds(Func<bool> holds) => Holds(() => Task.FromResult(holds()));

    /// <summary>Waits up to <paramref name="seconds"/> for <paramref name="holds"/>.</summary>
    public static async Task<bool> Holds(Func<Task<bool>> holds, int seconds = 10)
    {
        for (var tries = 0; tries < seconds * 50; tries++)
        {
            if (await holds())
            {
                return true;
            }

            await Task.Delay(20);
        }

        return false;
    }
}
