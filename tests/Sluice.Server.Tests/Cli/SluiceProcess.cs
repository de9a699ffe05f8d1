using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Cli;

/// <summary>The program as a person runs it: a process with arguments, output and an exit code.</summary>
internal sealed class SluiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private SluiceProcess(Process process) => _process = process;

    /// <summary>What it wrote to stdout so far.</summary>
    public string Output => Read(_output);

    /// <summary>What it wrote to stderr so far.</summary>
    public string Errors => Read(_errors);

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Runs to the end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(
        string[] arguments, Dictionary<string, string>? environment = null)
    {
        await using var process = Start(arguments, environment);
        return (await process.ExitAsync(), process.Output, process.Errors);
    }

    /// <summary>Starts it.</summary>
    /// <param name="arguments">Of the command.</param>
    /// <param name="environment">Besides that of this process.</param>
    /// <param name="folder">Its working folder; the temporary one when null, in which no configuration lies.</param>
    public static SluiceProcess Start(string[] arguments, Dictionary<string, string>? environment = null, string? folder = null)
    {
        var start = SluiceProgram.Start(folder ?? Path.GetTempPath(), arguments);
        start.RedirectStandardInput = true;
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        var sluice = new SluiceProcess(Process.Start(start)!);
        sluice._process.OutputDataReceived += (_, line) => sluice.Append(sluice._output, line.Data);
        sluice._process.ErrorDataReceived += (_, line) => sluice.Append(sluice._errors, line.Data);
        sluice._process.BeginOutputReadLine();
        sluice._process.BeginErrorReadLine();
        return sluice;
    }

    /// <summary>Waits until the server of this data folder accepts requests, and answers where.</summary>
    public async Task<string> UrlAsync(string data)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var file = Path.Combine(data, "server.json");
        while (!File.Exists(file))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"The server ended: {Output}{Errors}");
            }

            await Task.Delay(20, patience.Token);
        }

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        return json.RootElement.GetProperty("url").GetString()!;
    }

    /// <summary>Sends a signal: <c>TERM</c> or <c>INT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the end and answers the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Append(StringBuilder to, string? line)
    {
        if (line is not null)
        {
            lock (to)
            {
                to.AppendLine(line);
            }
        }
    }

    private static string Read(StringBuilder from)
    {
        lock (from)
        {
            return from.ToString();
        }
    }
}
