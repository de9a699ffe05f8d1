using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Jobs.RabbitMq;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs.RabbitMq;

/// <summary>Lanes of two nodes over one catalog and one broker, in real time.</summary>
[Collection(nameof(Rabbit))]
public sealed class TwoNodesTests(Rabbit rabbit) : IAsyncLifetime
{
    private const int Tasks = 40;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-nodes-");
    private readonly string _prefix = $"t{Guid.NewGuid():n}";
    private readonly ConcurrentDictionary<long, int> _done = new();
    private readonly ConcurrentDictionary<string, int> _byNode = new(StringComparer.Ordinal);
    private readonly List<IAsyncDisposable> _nodes = [];
    private SqliteCatalog _catalog = null!;

    public async ValueTask InitializeAsync()
    {
        _catalog = new SqliteCatalog(Path.Combine(_folder.FullName, "catalog.db"));
        await _catalog.MigrateAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        _catalog.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_task_is_done_once_whatever_becomes_of_the_messages()
    {
        var (one, two) = (await StartAsync("one"), await StartAsync("two"));
        var assets = new AssetDirectory(_catalog);
        var asset = CatalogContract.Sample(DateTimeOffset.UtcNow);
        await assets.AddAsync(asset, default);
        NewJob work = new(JobKind.Encode, [.. Enumerable.Range(0, Tasks).Select(i => new NewTask(i % 4 == 0 ? Urgency.Viewer : Urgency.Background))]);
        var job = (await _catalog.AddJobsAsync(asset.Id, [work], DateTimeOffset.UtcNow, default))[0];

        // Too many, then none, then a line that breaks.
        one.Queue.Announce(Urgency.Viewer, Tasks);
        one.Queue.Announce(Urgency.Background, Tasks * 3);
        (await Eventually.Holds(() => _done.Count >= Tasks / 4)).ShouldBeTrue();
        await rabbit.AskAsync(async channel =>
        {
            await channel.QueuePurgeAsync(_prefix + ".viewers");
            await channel.QueuePurgeAsync(_prefix + ".background");
        });
        two.Line.Cut();
        (await Eventually.Holds(() => _done.Count >= Tasks / 2)).ShouldBeTrue();
        two.Line.Mend();

        (await Eventually.Holds(async () => (await _catalog.FindJobAsync(job.Id, default))!.State == JobState.Done)).ShouldBeTrue();
        _done.Count.ShouldBe(Tasks);
        _done.Values.ShouldAllBe(times => times == 1);
        _byNode.Keys.ShouldBe(["one", "two"], ignoreOrder: true);
        await two.ConnectedAsync();
        (await Eventually.Holds(async () =>
            (await one.WaitingAsync("viewers"), await one.WaitingAsync("background")) == (0, 0))).ShouldBeTrue("surplus is looked at and forgotten");
    }

    private async Task<RabbitNode> StartAsync(string name)
    {
        var queue = await RabbitNode.StartAsync(rabbit, _prefix, new LaneCounts(1, 1));
        _nodes.Add(new Node(name, queue, _catalog, task =>
        {
            _done.AddOrUpdate(task.Id, 1, (_, times) => times + 1);
            _byNode.AddOrUpdate(name, 1, (_, times) => times + 1);
        }));
        return queue;
    }

    /// <summary>What of a server does work.</summary>
    private sealed class Node : IAsyncDisposable, ITaskExecutor
    {
        private readonly RabbitNode _queue;
        private readonly Action<WorkTask> _done;
        private readonly ProgressBoard _board;
        private readonly JobRunner _runner;
        private readonly WorkSweeper _sweeper;

        public Node(string name, RabbitNode queue, SqliteCatalog catalog, Action<WorkTask> done)
        {
            (_queue, _done) = (queue, done);
            var (clock, assets, loggers) = (TimeProvider.System, new AssetDirectory(catalog), new LoggerFactory([queue.Logs]));
            _board = new ProgressBoard(catalog, new ChangeFeed(assets, clock), clock, loggers.CreateLogger<ProgressBoard>());
            var tasks = new TaskRunner(catalog, [this], new RunningTasks(assets), _board, clock, loggers.CreateLogger<TaskRunner>());
            _runner = new JobRunner(catalog, queue.Queue, tasks, clock, loggers.CreateLogger<JobRunner>(), name, new LaneCounts(1, 1));
            _sweeper = new WorkSweeper(catalog, queue.Queue, queue.Queue, clock, NullLogger<WorkSweeper>.Instance);
            _ = _runner.StartAsync(default);
            _ = _sweeper.StartAsync(default);
        }

        public JobKind Kind => JobKind.Encode;

        public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
        {
            await Task.Delay(20, ct);
            _done(task);
            return TaskResult.Done;
        }

        public async ValueTask DisposeAsync()
        {
            await _sweeper.StopAsync(default);
            await _runner.StoppingAsync(default);
            await _runner.StopAsync(default);
            await _queue.DisposeAsync();
            _runner.Dispose();
            _sweeper.Dispose();
            _board.Dispose();
        }
    }
}
