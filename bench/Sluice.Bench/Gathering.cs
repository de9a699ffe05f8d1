using System.Diagnostics;

namespace Sluice.Bench;

/// <summary>Some seconds after an upload the server gathers sound that lies in the file frame by frame.</summary>
internal static class Gathering
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Waits until the first sound track of a title has been gathered.</summary>
    public static async Task DoneAsync(string dataFolder, Title title)
    {
        var path = Path.Combine(dataFolder, "media", title.Id, "a0.dat");
        var began = Stopwatch.GetTimestamp();
        while (!File.Exists(path))
        {
            if (Stopwatch.GetElapsedTime(began) > Limit)
            {
                throw new InvalidOperationException("The sound was not gathered within a minute.");
            }

            await Task.Delay(20);
        }

        // The index follows the payload at once.
        await Task.Delay(200);
    }
}
