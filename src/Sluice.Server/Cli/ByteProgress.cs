using System.Globalization;
using Spectre.Console;

namespace Sluice.Server.Cli;

/// <summary>Shows how far a long step over a number of bytes is, on stderr: a bar on a terminal, a line for every tenth
/// in a pipe or a log.</summary>
internal static class ByteProgress
{
    /// <summary>Runs <paramref name="work"/>, which reports the bytes done so far, of <paramref name="totalBytes"/>.</summary>
    public static Task<T> RunAsync<T>(string name, long totalBytes, Func<Action<long>, Task<T>> work) =>
        Console.IsOutputRedirected || Console.IsErrorRedirected
            ? LinesAsync(name, totalBytes, work, Console.Error)
            : BarAsync(name, totalBytes, work);

    /// <summary>A line for every tenth.</summary>
    internal static Task<T> LinesAsync<T>(string name, long totalBytes, Func<Action<long>, Task<T>> work, TextWriter output)
    {
        long said = 0;
        return work(done =>
        {
            var tenths = totalBytes == 0 ? 10 : done * 10 / totalBytes;
            if (tenths > said)
            {
                said = tenths;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{name}: {tenths * 10} % of {totalBytes / 1e6:0.0} MB"));
            }
        });
    }

    private static async Task<T> BarAsync<T>(string name, long totalBytes, Func<Action<long>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(),
                new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape(name), maxValue: Math.Max(1, totalBytes));
                return await work(done => task.Value = done);
            });
    }
}
