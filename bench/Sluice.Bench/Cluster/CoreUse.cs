using System.Globalization;

namespace Sluice.Bench.Cluster;

/// <summary>Seconds of processor time at one moment: of each core, of workers themselves, of their encoders, of each service.</summary>
internal sealed record CoreUse(double[] Busy, double Workers, double Encoders, IReadOnlyDictionary<string, double> Services)
{
    /// <summary>Now.</summary>
    public static CoreUse Now(IEnumerable<int> workers, IEnumerable<(string Name, int Pid)> services)
    {
        var (own, ended) = (0.0, 0.0);
        foreach (var pid in workers)
        {
            own += ProcessFacts.OwnCpuSeconds(pid);
            ended += ProcessFacts.CpuSecondsWithEnded(pid) - ProcessFacts.OwnCpuSeconds(pid);
        }

        return new CoreUse(
            [.. File.ReadLines("/proc/stat").Where(line => line.StartsWith("cpu", StringComparison.Ordinal) && char.IsAsciiDigit(line[3])).Select(BusySeconds)],
            own, ended,
            services.ToDictionary(service => service.Name, service => ProcessFacts.CpuSecondsWithEnded(service.Pid) + ProcessFacts.CpuSecondsOfChildren(service.Pid), StringComparer.Ordinal)
                .Append(KeyValuePair.Create("bench", ProcessFacts.OwnCpuSeconds(Environment.ProcessId))).ToDictionary(StringComparer.Ordinal));
    }

    /// <summary>What was used since then.</summary>
    public CoreUse Since(CoreUse then) => new(
        [.. Busy.Zip(then.Busy, (now, before) => now - before)], Workers - then.Workers, Encoders - then.Encoders,
        Services.ToDictionary(service => service.Key, service => service.Value - then.Services[service.Key], StringComparer.Ordinal));

    // proc(5), stat: user, nice, system, idle, iowait, irq, softirq, steal, in hundredths.
    private static double BusySeconds(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].Select(field => double.Parse(field, CultureInfo.InvariantCulture) / 100).ToArray();
        return fields[0] + fields[1] + fields[2] + fields[5] + fields[6];
    }
}
