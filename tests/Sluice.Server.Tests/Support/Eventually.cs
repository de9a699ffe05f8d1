namespace Sluice.Server.Tests.Support;

/// <summary>For what the server does after its answer, or without one.</summary>
internal static class Eventually
{
    /// <summary>Waits up to ten seconds for <paramref name="holds"/>.</summary>
    public static Task<bool> Holds(Func<bool> holds) => Holds(() => Task.FromResult(holds()));

    /// <summary>Waits up to ten seconds for <paramref name="holds"/>.</summary>
    public static async Task<bool> Holds(Func<Task<bool>> holds)
    {
        for (var tries = 0; tries < 500; tries++)
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
