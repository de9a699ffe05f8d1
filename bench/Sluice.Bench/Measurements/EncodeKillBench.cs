namespace Sluice.Bench.Measurements;
internal static class EncodeKillBench { public static Task RunAsync(Workshop workshop, Report report) => Task.CompletedTask; }
