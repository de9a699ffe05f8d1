using System.Diagnostics;
using System.Net.WebSockets;

namespace Sluice.Server.Tests.Sessions.Storm;

/// <summary>
/// People who do whatever they like with sessions, while somebody kills what the server has started, and the server itself.
/// <code>
///   so many actions of a seeded random, some at a time
///      └── the server is killed ──▶ no program of it is left ──▶ it is started again ──▶ no file and no row is left ──▶ on with it
/// </code>
/// </summary>
/// <param name="server">The server.</param>
/// <param name="leavings">What is left of it.</param>
/// <param name="visitors">The people.</param>
/// <param name="sources">What they want to watch.</param>
/// <param name="tally">What became of what they did.</param>
/// <param name="random">Says what they do.</param>
internal sealed class SessionStorm(IStormServer server, StormLeavings leavings, StormVisitors visitors, IReadOnlyList<StormSource> sources, StormTally tally, Random random)
{
    private const int AtATime = 6;
    private const int Whole = 1000;
    private const int LongestPauseMilliseconds = 500;

    private const string Server = "kill -9 the server";

    /// <summary>What is going is given so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What people do, and how often in a thousand times.</summary>
    private static readonly (string Name, int Share)[] Actions =
    [
        ("begin or join", 230), ("begin as RSD does", 70), ("read a segment", 190), ("hang up in a segment", 90), ("seek", 90), ("come into the room", 45),
        ("heartbeat", 45), ("choose a file", 25), ("end", 95), ("stop as RSD does", 25), ("kill -9 an ffmpeg", 50), ("kill -9 the torrent engine", 25), (Server, 20),
    ];

    private readonly List<StormStrike> _strikes = [];

    /// <summary>Names of all that people do.</summary>
    public static IEnumerable<string> Names => Actions.Select(action => action.Name);

    /// <summary>Each time that the server was killed.</summary>
    public IReadOnlyList<StormStrike> Strikes => _strikes;

    /// <summary>Does so many things.</summary>
    public async Task RunAsync(int actions)
    {
        using var turns = new SemaphoreSlim(AtATime);
        var all = new List<Task>();
        for (var number = 1; number <= actions; number++)
        {
            // Drawn here and in order, so that a seed is one story, however quick the machine is.
            var (action, pick, pause) = (NameOf(random.Next(Whole)), random.Next(1 << 20), TimeSpan.FromMilliseconds(random.Next(LongestPauseMilliseconds)));
            tally.Add(action, "times");
            if (action == Server)
            {
                await Task.Delay(pause);
                await StrikeAsync(number, all);
                all.Clear();
                continue;
            }

            await turns.WaitAsync();
            all.Add(DoAsync(action, pick, pause, turns));
        }

        await Task.WhenAll(all);
    }

    /// <summary>Kills the server while others are in the middle of something, looks what is left, and starts it again.</summary>
    public async Task StrikeAsync(int number, IReadOnlyList<Task> others)
    {
        var (sessions, programs) = ((await visitors.ListAsync()).Length, leavings.Programs(server.Pid).Length);
        tally.IsDown = true;
        await server.KillAsync();
        tally.Add(Server, "killed");
        await Task.WhenAll(others);
        var orphans = await StormLeavings.WaitAsync(() => [.. leavings.Programs(null).Select(p => p.ToString())], Patience);
        var began = Stopwatch.GetTimestamp();
        await server.StartAsync();
        var startTime = Stopwatch.GetElapsedTime(began);
        var rest = await StormLeavings.WaitAsync(() => [.. leavings.Files(), .. leavings.Rows()], Patience);
        visitors.Forget();
        tally.IsDown = false;
        _strikes.Add(new StormStrike(number, sessions, programs, startTime, [.. orphans, .. rest]));
    }

    private static string NameOf(int share)
    {
        foreach (var action in Actions)
        {
            if ((share -= action.Share) < 0)
            {
                return action.Name;
            }
        }

        throw new InvalidOperationException("The shares are less than the whole.");
    }

    private async Task DoAsync(string action, int pick, TimeSpan pause, SemaphoreSlim turns)
    {
        try
        {
            await Task.Delay(pause);
            await (action switch
            {
                "begin or join" => visitors.BeginAsync(sources[pick % sources.Count]),
                "begin as RSD does" => visitors.StartAsync(sources[pick % sources.Count], pick),
                "read a segment" => visitors.PlayAsync(pick),
                "hang up in a segment" => visitors.PlayAsync(pick, hangsUp: TimeSpan.FromMilliseconds(1 + (pick % 100))),
                "seek" => visitors.PlayAsync(pick, jumps: true),
                "come into the room" => visitors.MeetAsync(pick),
                "heartbeat" => visitors.BeatAsync(pick),
                "choose a file" => visitors.ChooseAsync(pick),
                "end" => visitors.EndAsync(pick),
                "stop as RSD does" => visitors.StopAsync(pick),
                "kill -9 an ffmpeg" => KillAsync(action, pick, program => !program.IsEngine),
                "kill -9 the torrent engine" => KillAsync(action, pick, program => program.IsEngine),
                _ => throw new InvalidOperationException($"Nobody knows how to {action}."),
            });
        }
        catch (Exception e) when (e is HttpRequestException or WebSocketException or IOException or OperationCanceledException)
        {
            tally.Broke(action, e);
        }
        finally
        {
            turns.Release();
        }
    }

    private Task KillAsync(string action, int pick, Func<StormProgram, bool> isMeant)
    {
        if (leavings.Programs(server.Pid).Where(isMeant).ToArray() is { Length: > 0 } programs)
        {
            try
            {
                using var program = Process.GetProcessById(programs[pick % programs.Length].Pid);
                program.Kill();
                tally.Add(action, "killed");
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It had ended by itself.
            }
        }

        return Task.CompletedTask;
    }
}
