using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Cluster;

/// <summary>One node: the program in a network of its own, with a data folder of its own. When it ends it is started again two seconds later, as systemd does.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private const int Port = 8000;
    private static readonly TimeSpan UntilAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(40);

    private readonly string _program;
    private readonly string _data;
    private readonly (string, string)[] _settings;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<string> _troubles = [];
    private Process? _process;
    private bool _wasKilled;
    private Task _supervision = Task.CompletedTask;

    public ClusterNode(Workshop workshop, string logs, int number, bool isWorker, IEnumerable<(string, string)> settings)
    {
        (Number, IsWorker, _program, _data) = (number, isWorker, workshop.Program, workshop.NewFolder());
        Name = isWorker ? $"worker {number}" : $"api {number}";
        Log = new NodeLog(Path.Combine(logs, $"node-{number}.log"));
        Address = new Uri($"http://{ClusterNetwork.AddressOf(number)}:{Port}/");
        var address = ClusterNetwork.AddressOf(number);
        _settings =
        [
            .. settings,
            .. isWorker
                ? ((string, string)[])[("SLUICE__ROLES", "worker"), ("SLUICE__SERVER__MONITOR", $"{address}:{Port}")]
                : [("SLUICE__ROLES", "api,live"), ("SLUICE__SERVER__HOST", address), ("SLUICE__SERVER__PORT", $"{Port}"), ("SLUICE__CLUSTER__ADDRESS", $"http://{address}:{Port}")],
        ];
    }

    /// <summary>From 1.</summary>
    public int Number { get; }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>Whether it encodes; else it takes uploads and serves viewers.</summary>
    public bool IsWorker { get; }

    /// <summary>Where it answers; a worker only to monitors.</summary>
    public Uri Address { get; }

    /// <summary>What it said.</summary>
    public NodeLog Log { get; }

    /// <summary>Whether its process lives.</summary>
    public bool IsUp => _process is { HasExited: false };

    /// <summary>Encoders that outlived the node that was killed.</summary>
    public int Orphans { get; private set; }

    /// <summary>Ends that nobody asked for, with what was said before.</summary>
    public IReadOnlyList<string> Troubles => _troubles;

    /// <summary>Starts it, and again whenever it ends.</summary>
    public void Start() => _supervision = SuperviseAsync();

    /// <summary>Waits until <c>/ready</c> says so.</summary>
    public async Task ReadyAsync(TimeSpan limit)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Address, "ready"), _ending.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // Not yet.
            }

            if (Stopwatch.GetElapsedTime(began) > limit)
            {
                throw new InvalidOperationException($"{Name} is not ready after {limit.TotalSeconds} s. {Log.Tail}");
            }

            await Task.Delay(100, _ending.Token);
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _wasKilled = true;
        _process?.Kill();
    }

    /// <summary>SIGSTOP to the node and not to its encoders, or SIGCONT: a machine that is halted for a while comes back like that.</summary>
    public void Freeze(bool isFrozen)
    {
        if (_process is { HasExited: false } process)
        {
            ProcessFacts.Signal(process.Id, isFrozen ? "STOP" : "CONT");
        }
    }

    /// <summary>SIGTERM, and waits.</summary>
    /// <returns>What is wrong with how it ended; null for nothing.</returns>
    public async Task<string?> StopAsync()
    {
        await _ending.CancelAsync();
        if (_process is not { } process)
        {
            return null;
        }

        if (!process.HasExited)
        {
            ProcessFacts.Signal(process.Id, "CONT");
            ProcessFacts.Signal(process.Id, "TERM");
        }

        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return $"{Name} did not stop within {StopLimit.TotalSeconds} s";
        }
        finally
        {
            await _supervision;
        }

        return process.ExitCode == 0 ? null : $"{Name} ended with {process.ExitCode}";
    }

    /// <summary>What lies in folders of its data that shall be empty when nothing is under way.</summary>
    public IEnumerable<string> Leavings() =>
        from folder in (string[])["stage", "uploads", "scratch"]
        let path = Path.Combine(_data, folder)
        where Directory.Exists(path)
        from left in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
        select $"{Name}: {Path.GetRelativePath(_data, left)}";

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        if (IsUp)
        {
            _process!.Kill(entireProcessTree: true);
        }

        await _supervision;
        _process?.Dispose();
        _ending.Dispose();
    }

    private async Task SuperviseAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            _wasKilled = false;
            var into = ClusterNetwork.Into(Number);
            var process = Tool.Start(into[0], [.. into[1..], _program, "serve", "--data", _data], _settings);
            process.OutputDataReceived += (_, line) => Log.Add(line.Data);
            process.ErrorDataReceived += (_, line) => Log.Add(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var before = Interlocked.Exchange(ref _process, process);
            before?.Dispose();
            await process.WaitForExitAsync(CancellationToken.None);
            Log.Add(string.Create(CultureInfo.InvariantCulture, $"-- ended with {process.ExitCode}{(_wasKilled ? ", killed" : "")}"));
            if (_ending.IsCancellationRequested)
            {
                return;
            }

            if (!_wasKilled)
            {
                _troubles.Add($"{Name} ended with {process.ExitCode}: {Log.Tail.Split('\n').LastOrDefault(line => line.StartsWith("sluice", StringComparison.Ordinal) || line.Contains("fail:", StringComparison.Ordinal))}");
            }

            await Task.Delay(UntilAgain, CancellationToken.None);
            Orphans += (await ClusterNetwork.ProcessesAsync(Number)).Count;
        }
    }
}
