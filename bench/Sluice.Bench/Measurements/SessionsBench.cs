using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Storm;
using Sluice.Server.Tests.Sessions.Storm;

namespace Sluice.Bench.Measurements;

/// <summary>
/// Five hundred things that people do with sessions at random, while the programs that the server starts are killed, and the server too: nothing may be left.
/// <c>SLUICE_BENCH_SEED</c> has them do others.
/// </summary>
internal static class SessionsBench
{
    private const int Actions = 500;
    private const int Most = 5;
    private const int UsualSeed = 20261122;

    /// <summary>What is being ended is given so long; the torrent engine is kept for half a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var seed = Environment.GetEnvironmentVariable("SLUICE_BENCH_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : UsualSeed;
        await Console.Error.WriteLineAsync($"bench: seed {seed}");
        await using var sources = await StormSources.StartAsync(workshop, Most);
        await using var server = new StormServer(workshop, Most, Most * sources.FilmBytes);
        await server.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Home, Timeout = TimeSpan.FromMinutes(2) };
        var tally = new StormTally();
        var visitors = new StormVisitors(http, tally);
        var storm = new SessionStorm(server, server.Leavings, visitors, sources.All, tally, new Random(seed));

        var began = Stopwatch.GetTimestamp();
        await storm.RunAsync(Actions);
        var took = Stopwatch.GetElapsedTime(began);
        await visitors.CalmAsync();
        var sessions = (await visitors.ListAsync()).Length;
        var left = await StormLeavings.WaitAsync(() => server.Leavings.All(server.Pid), Patience);

        var played = await PlayedAfterwardsAsync(sources, visitors);
        var together = await TogetherAsync(sources, visitors);
        await server.DisposeAsync();
        var behind = await StormLeavings.WaitAsync(() => [.. server.Leavings.Programs(null).Select(p => p.ToString()), .. server.Leavings.Files()], Patience);

        await Console.Error.WriteLineAsync(string.Join('\n', tally.Complaints.Take(20)));
        var strikes = storm.Strikes;
        report.Text($"Seed {seed}, {Text(took.TotalSeconds)} s. A seeded random draws {Actions} actions, six at a time. {Most} sessions may run at once, and keep as much as {Most} of the films.");
        report.Bar($"{Actions} random actions: no answer but those that are documented", tally.Complaints.Count == 0, $"{tally.Complaints.Count} others");
        report.Bar("no session is left", sessions == 0, $"{sessions}");
        report.Bar("no program, no file, no row of the catalog is left", left.Length == 0, Few(left));
        report.Bar("nor after each `kill -9` of the server", strikes.Count > 0 && strikes.All(s => s.Left.Count == 0), $"{strikes.Count} times, {strikes.Sum(s => s.Left.Count)} left");
        report.Bar("no place and no byte of what sessions may keep has leaked", together == Most, $"{together} of {Most} sessions at once, which together may keep all");
        report.Bar("every source plays as before", played.All(p => p.Plays), Few([.. played.Where(p => !p.Plays).Select(p => p.Name)]));
        report.Bar("nothing is left when the server is stopped in the middle of that", behind.Length == 0, Few(behind));
        Tables(report, tally, sources, strikes);
    }

    private static void Tables(Report report, StormTally tally, StormSources sources, IReadOnlyList<StormStrike> strikes)
    {
        report.Table(["action", "times", "programs killed", "broke off with the server"], SessionStorm.Names.Select(name => new[]
        {
            name, Text(tally[name, "times"]), name.StartsWith("kill", StringComparison.Ordinal) ? Text(tally[name, "killed"]) : "", Text(tally[name, "broke off"]),
        }));
        report.Table(["source", "begun or joined", "refused", "segments read whole"], sources.All.Select(source => source.Name).Distinct().Select(name => new[]
        {
            name, Text(tally[name, "begun"]), Text(tally[name, "refused"]), Text(tally[name, "segments"]),
        }));
        report.Table(["the server is killed at action", "sessions then", "programs then", "left", "answers again after"], strikes.Select(strike => new[]
        {
            Text(strike.Action), Text(strike.Sessions), Text(strike.Programs), Few([.. strike.Left]), $"{Text(strike.StartTime.TotalSeconds * 1000)} ms",
        }));
        report.Text("Refused is what is not there or may not be asked, and every session beyond the most, with its reason. The last action of each server breaks off with it.");
    }

    /// <summary>Begins each source alone and reads a segment of it, so that whatever is taken in turns must be free.</summary>
    private static async Task<(string Name, bool Plays)[]> PlayedAfterwardsAsync(StormSources sources, StormVisitors visitors)
    {
        var played = new List<(string, bool)>();
        foreach (var source in sources.All.Where(source => source.Plays))
        {
            played.Add((source.Name, await visitors.BeginAsync(source) && await PlaysAsync(visitors)));
            await visitors.CalmAsync();
            visitors.Forget();
        }

        return [.. played];
    }

    private static async Task<bool> PlaysAsync(StormVisitors visitors)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            if (await visitors.PlayAsync(1))
            {
                return true;
            }

            await Task.Delay(100);
        }

        return false;
    }

    private static async Task<int> TogetherAsync(StormSources sources, StormVisitors visitors) =>
        (await Task.WhenAll(sources.Films.Select(visitors.BeginAsync))).Count(begun => begun);

    private static string Few(string[] left) => left.Length == 0 ? "none" : string.Join(", ", left.Take(5));

    private static string Text(double number) => number.ToString("F0", CultureInfo.InvariantCulture);
}
