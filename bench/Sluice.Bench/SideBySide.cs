using System.Globalization;

namespace Sluice.Bench;

/// <summary>
/// Two works at the same moment, each on a processor of its own: what the machine does meanwhile (its clock, its other guests) happens to
/// both. A processor whose work has ended is kept busy until the other's has, for two that share a core slow each other down.
/// </summary>
internal static class SideBySide
{
    /// <summary>The program and its first arguments that run a command on one processor.</summary>
    public static (string Program, string[] Arguments) On(int processor, string program) =>
        ("taskset", ["-c", processor.ToString(CultureInfo.InvariantCulture), program]);

    /// <summary>Moves a process with all its threads, and what it will start, to one processor.</summary>
    public static Task PinAsync(int pid, int processor) =>
        Tool.RunAsync("taskset", ["-apc", processor.ToString(CultureInfo.InvariantCulture), pid.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Waits for both.</summary>
    public static async Task<(double One, double Other)> RunAsync(Task<double> one, int oneProcessor, Task<double> other, int otherProcessor)
    {
        var both = Task.WhenAll(one, other);
        await Task.WhenAll(ThenKeepBusyAsync(one, oneProcessor, both), ThenKeepBusyAsync(other, otherProcessor, both));
        return (await one, await other);
    }

    private static async Task ThenKeepBusyAsync(Task work, int processor, Task both)
    {
        await work;
        if (both.IsCompleted)
        {
            return;
        }

        var (program, arguments) = On(processor, "sh");
        using var busy = Tool.Start(program, [.. arguments, "-c", "while :; do :; done"]);
        try
        {
            await both;
        }
        finally
        {
            busy.Kill();
            await busy.WaitForExitAsync();
        }
    }
}
