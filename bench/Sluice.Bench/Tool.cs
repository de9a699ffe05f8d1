using System.Diagnostics;

namespace Sluice.Bench;

/// <summary>Runs one program to its end.</summary>
internal static class Tool
{
    /// <summary>Longest that any program of a bench may take.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(60);

    /// <summary>Starts it with its output taken.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables that it has besides those of this process.</param>
    public static Process Start(string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
    }

    /// <summary>What it wrote to its standard output.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds its error output.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        using var limit = new CancellationTokenSource(Limit);
        process.StandardInput.Close();
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0
                ? output
                : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
