using System.Diagnostics;
using System.Security.Cryptography;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>Feeds mutants of a corpus to one target and keeps the first input that it does not survive.</summary>
internal sealed class Fuzzer(FuzzTarget target, IReadOnlyList<byte[]> seeds, int seed)
{
    /// <summary>Far more than any honest parser needs for an input of at most 64 KiB.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private byte[] _current = [];
    private long _started;

    public long Inputs { get; private set; }

    /// <summary>Runs for <paramref name="duration"/>; answers what went wrong, or null.</summary>
    public (byte[] Input, string Reason)? Run(TimeSpan duration)
    {
        (byte[], string)? failure = null;
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var worker = new Thread(() => failure = Work(end), 1 << 20) { IsBackground = true };
        _started = Stopwatch.GetTimestamp();
        worker.Start();
        while (!worker.Join(TimeSpan.FromMilliseconds(500)))
        {
            lock (_gate)
            {
                if (Stopwatch.GetElapsedTime(_started) > LongestRun)
                {
                    return (_current, $"no answer within {LongestRun.TotalSeconds} s");
                }
            }
        }

        return failure;
    }

    /// <summary>Runs one input; answers why it failed, or null.</summary>
    public static string? Try(FuzzTarget target, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Run(input);
        }
#pragma warning disable CA1031 // Any exception at all is the finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e.ToString();
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var allowed = (64L << 20) + (1024L * input.Length);
        return allocated > allowed ? $"{allocated} bytes allocated for {input.Length}" : null;
    }

    public static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..16];

    private (byte[], string)? Work(long end)
    {
        var random = new Random(seed);
        var mutator = new Mutator(seed);
        while (Stopwatch.GetTimestamp() < end)
        {
            var input = mutator.Mutate(seeds[random.Next(seeds.Count)], seeds[random.Next(seeds.Count)]);
            lock (_gate)
            {
                _current = input;
                _started = Stopwatch.GetTimestamp();
            }

            if (Try(target, input) is { } reason)
            {
                return (input, reason);
            }

            Inputs++;
        }

        return null;
    }
}
