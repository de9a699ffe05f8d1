namespace Sluice.Bench.Cluster;

/// <summary>
/// Every few seconds one of these, in random order and all of them again and again: a node is killed, the broker or the database restarts, a worker loses its network
/// or is halted for longer than its lease.
/// </summary>
internal sealed class ClusterOrdeal(ClusterServices services, IReadOnlyList<ClusterNode> nodes, NodeLog log)
{
    /// <summary>Longer than the lease of a task, which is 20 s.</summary>
    private static readonly (int Least, int Most) CutSeconds = (26, 30);

    private static readonly (int Least, int Most) PauseMilliseconds = (3000, 6000);

    private readonly Dictionary<Blow, int> _counts = Enum.GetValues<Blow>().ToDictionary(blow => blow, _ => 0);
    private readonly HashSet<ClusterNode> _away = [];
    private readonly List<Task> _underWay = [];

    /// <summary>What is done to them.</summary>
    public enum Blow
    {
        /// <summary>SIGKILL to any node.</summary>
        Kill,

        /// <summary>The broker ends, by SIGTERM and SIGKILL in turn, and starts again.</summary>
        Broker,

        /// <summary>The database ends, in order and as in a crash in turn, and starts again.</summary>
        Database,

        /// <summary>The cable of a worker is pulled.</summary>
        Cut,

        /// <summary>A worker is halted (SIGSTOP) while its encoders go on: back again, it has chunks to publish and believes that they are its own.</summary>
        Halt,
    }

    /// <summary>How often.</summary>
    public int this[Blow blow] => _counts[blow];

    /// <summary>Kills of workers.</summary>
    public int WorkerKills { get; private set; }

    /// <summary>Goes on until it is told to stop, and then has everything as it should be.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                Blow[] bag = [Blow.Kill, Blow.Kill, Blow.Kill, Blow.Kill, Blow.Kill, Blow.Broker, Blow.Database, Blow.Cut, Blow.Halt];
                Random.Shared.Shuffle(bag);
                foreach (var blow in bag)
                {
                    await Task.Delay(Random.Shared.Next(PauseMilliseconds.Least, PauseMilliseconds.Most), ct);
                    await StrikeAsync(blow, ct);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await Task.WhenAll(_underWay);
        }
    }

    private async Task StrikeAsync(Blow blow, CancellationToken ct)
    {
        switch (blow)
        {
            case Blow.Kill:
                Kill();
                break;
            case Blow.Broker:
                log.Add("the broker restarts");
                await services.Broker.RestartAsync(asCrash: _counts[blow]++ % 2 == 1);
                log.Add("the broker is back");
                break;
            case Blow.Database:
                log.Add("the database restarts");
                await services.Database.RestartAsync(asCrash: _counts[blow]++ % 2 == 1);
                log.Add("the database is back");
                break;
            case Blow.Cut:
                Send(blow, worker => ClusterNetwork.JoinAsync(worker.Number, isJoined: false), worker => ClusterNetwork.JoinAsync(worker.Number, isJoined: true), ct);
                break;
            case Blow.Halt:
                Send(blow, worker => FreezeAsync(worker, true), worker => FreezeAsync(worker, false), ct);
                break;
        }
    }

    private void Kill()
    {
        lock (_away)
        {
            ClusterNode[] candidates = [.. nodes.Where(node => node.IsUp && !_away.Contains(node))];
            if (candidates.Length > 0)
            {
                var node = candidates[Random.Shared.Next(candidates.Length)];
                log.Add($"kill -9 of {node.Name}");
                node.Kill();
                _counts[Blow.Kill]++;
                WorkerKills += node.IsWorker ? 1 : 0;
            }
        }
    }

    /// <summary>A worker is away for a while, behind all else; never all of them, or nothing would come to an end.</summary>
    private void Send(Blow blow, Func<ClusterNode, Task> leave, Func<ClusterNode, Task> comeBack, CancellationToken ct)
    {
        lock (_away)
        {
            ClusterNode[] workers = [.. nodes.Where(node => node.IsWorker && node.IsUp)];
            if (_away.Count == 0 && workers.Length > 0)
            {
                var worker = workers[Random.Shared.Next(workers.Length)];
                log.Add($"{blow}: {worker.Name}");
                _away.Add(worker);
                _counts[blow]++;
                _underWay.Add(Task.Run(() => AwayAsync(worker, leave, comeBack, ct), CancellationToken.None));
            }
        }
    }

    private async Task AwayAsync(ClusterNode worker, Func<ClusterNode, Task> leave, Func<ClusterNode, Task> comeBack, CancellationToken ct)
    {
        await leave(worker);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(Random.Shared.Next(CutSeconds.Least, CutSeconds.Most + 1)), ct);
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }

        await comeBack(worker);
        log.Add($"{worker.Name} is back");
        lock (_away)
        {
            _away.Remove(worker);
        }
    }

    private static Task FreezeAsync(ClusterNode worker, bool isFrozen)
    {
        worker.Freeze(isFrozen);
        return Task.CompletedTask;
    }
}
