using System.Diagnostics;
using System.Text.Json;

namespace Sluice.Server.Tests.Support;

/// <summary>The real program in a process of its own, which can be killed. Its data folder outlives it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, string url)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = new Uri(url), Timeout = Eventually.Patience };
    }

    public HttpClient Http { get; }

    /// <summary>Starts <c>sluice serve</c> on a free port and waits until it says where it is.</summary>
    /// <param name="data">Its data folder.</param>
    /// <param name="disk">The disk that the folder is on; null when it is an ordinary one.</param>
    /// <param name="settings">Configuration, such as <c>SLUICE__LADDER</c>.</param>
    public static async Task<ServerProcess> StartAsync(string data, SmallDisk? disk = null, params (string Name, string Value)[] settings)
    {
        var start = SluiceProgram.Start(data, "serve", "--port", "0", "--data", data);
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(disk?.Enter(start) ?? start) ?? throw new InvalidOperationException("sluice did not start.");
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("Sluice is at ", StringComparison.Ordinal))
            {
                var server = new ServerProcess(process, line["Sluice is at ".Length..].Trim());
                _ = process.StandardOutput.ReadToEndAsync(); // A full pipe would stop the server.
                return server;
            }
        }

        throw new InvalidOperationException("sluice ended before it served.");
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ids and HLS links of everything in the library.</summary>
    public async Task<IReadOnlyList<string>> LibraryAsync()
    {
        using var json = JsonDocument.Parse(await Http.GetStringAsync("/api/v1/media?limit=200"));
        return [.. json.RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!)];
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
