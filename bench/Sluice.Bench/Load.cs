using System.Globalization;

namespace Sluice.Bench;

/// <summary>What one run of wrk against one server gave.</summary>
/// <param name="Requests">Answers received.</param>
/// <param name="Bytes">Bytes received, heads included.</param>
/// <param name="Seconds">Duration.</param>
/// <param name="Failures">Answers other than 2xx, and errors of sockets.</param>
/// <param name="P50Milliseconds">Median time of an answer.</param>
/// <param name="P99Milliseconds">What 99 of 100 answers stayed below.</param>
/// <param name="CpuSeconds">Processor time that the server used meanwhile.</param>
internal sealed record LoadResult(
    double Requests, double Bytes, double Seconds, double Failures, double P50Milliseconds, double P99Milliseconds, double CpuSeconds)
{
    public double RequestsPerSecond => Requests / Seconds;

    public double MegabytesPerSecond => Bytes / 1e6 / Seconds;

    public double CpuSecondsPerGigabyte => CpuSeconds / (Bytes / 1e9);

    public double CpuMicrosecondsPerRequest => CpuSeconds * 1e6 / Requests;
}

/// <summary>Puts load on a server with wrk: 64 connections in two threads, paths in turn.</summary>
internal sealed class Load(Workshop workshop)
{
    /// <summary>Connections open at the same time.</summary>
    public const int Connections = 64;

    // Requests are formatted once; a thread starts at a place of its own, so that not all ask for the same.
    private const string Script = """
        local requests, at = {}, 0
        function init(args)
            for line in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", line) end
            math.randomseed(os.time())
            at = math.random(#requests)
        end
        function request()
            at = at % #requests + 1
            return requests[at]
        end
        function done(summary, latency)
            local e = summary.errors
            io.write(string.format("result %d %d %d %d %d %d\n", summary.requests, summary.bytes, summary.duration,
                e.status + e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
        end
        """;

    private string? _script;

    /// <summary>Asks <paramref name="server"/> for <paramref name="paths"/> for some seconds.</summary>
    public async Task<LoadResult> RunAsync(Uri server, int pid, IReadOnlyList<string> paths, int seconds)
    {
        if (_script is null)
        {
            _script = Path.Combine(workshop.NewFolder(), "paths.lua");
            await File.WriteAllTextAsync(_script, Script);
        }

        var list = Path.Combine(workshop.NewFolder(), "paths");
        await File.WriteAllLinesAsync(list, paths);
        var before = ProcessFacts.CpuSeconds(pid);
        var output = await Tool.RunAsync("wrk", [
            "-t2", $"-c{Connections}", $"-d{seconds}s", "--timeout", "10s", "-s", _script, server.ToString(), "--", list]);
        var cpu = ProcessFacts.CpuSeconds(pid) - before;
        var numbers = output.Split('\n').First(l => l.StartsWith("result ", StringComparison.Ordinal)).Split(' ')[1..]
            .Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return new LoadResult(numbers[0], numbers[1], numbers[2] / 1e6, numbers[3], numbers[4] / 1e3, numbers[5] / 1e3, cpu);
    }
}
