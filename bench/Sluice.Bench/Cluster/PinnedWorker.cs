using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Cluster;

/// <summary>A node that only encodes, on one core, and what it has used of it.</summary>
internal sealed class PinnedWorker : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly Uri _monitor;

    private PinnedWorker(Process process, Uri monitor) => (_process, _monitor) = (process, monitor);

    /// <summary>Its process.</summary>
    public int Pid => _process.Id;

    /// <summary>Starts one.</summary>
    /// <param name="workshop">Where the program is.</param>
    /// <param name="core">The core that it and its encoders have.</param>
    /// <param name="settings">Of every node.</param>
    public static PinnedWorker Start(Workshop workshop, int core, IEnumerable<(string, string)> settings)
    {
        var port = SluiceServer.FreePort();
        var process = Tool.Start(
            "taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), workshop.Program, "serve", "--data", workshop.NewFolder()],
            [.. settings, ("SLUICE__ROLES", "worker"), ("SLUICE__SERVER__MONITOR", $"127.0.0.1:{port}")]);
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new PinnedWorker(process, new Uri($"http://127.0.0.1:{port}/ready"));
    }

    /// <summary>Waits until it says that it works.</summary>
    public async Task ReadyAsync()
    {
        using var http = new HttpClient();
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(_monitor);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited && Stopwatch.GetElapsedTime(began) < Limit)
            {
                // Not yet.
            }

            await Task.Delay(20);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await ProcessFacts.StopAsync(_process);
        }

        _process.Dispose();
    }
}
