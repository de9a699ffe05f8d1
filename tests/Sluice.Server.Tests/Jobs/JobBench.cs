using Microsoft.Extensions.Logging;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Jobs;

/// <summary>A runner over a real catalog file, with a clock that stands still and executors that do as they are told.</summary>
internal sealed class JobBench : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;
    private readonly LoggerFactory _loggers;
    private readonly List<ITaskExecutor> _executors = [];
    private JobRunner? _runner;

    public JobBench()
    {
        _loggers = new LoggerFactory([Logs]);
        Catalog = new SqliteCatalog(Path.Combine(_folder, "catalog.db"));
        Assets = new AssetDirectory(Catalog);
        Queue = new RecordingQueue(new InProcessQueue(Clock));
        Feed = new ChangeFeed(Assets, Clock);
        Board = new ProgressBoard(Catalog, Feed, Clock, _loggers.CreateLogger<ProgressBoard>());
        Running = new RunningTasks(Assets);
        Control = new JobControl(Catalog, Queue, Running, Board, Clock);
    }

    public FakeClock Clock { get; } = new();

    public LogCapture Logs { get; } = new();

    public SqliteCatalog Catalog { get; }

    public AssetDirectory Assets { get; }

    public RecordingQueue Queue { get; }

    public ChangeFeed Feed { get; }

    public ProgressBoard Board { get; }

    public RunningTasks Running { get; }

    public JobControl Control { get; }

    /// <summary>What an executor of encode jobs does.</summary>
    public JobBench Doing(Func<WorkTask, CancellationToken, Task<TaskResult>> work, JobKind kind = JobKind.Encode)
    {
        _executors.Add(new Executor(kind, work));
        return this;
    }

    public async Task<JobBench> StartAsync(int background = 1, int urgent = 1, string owner = "me", bool migrate = true)
    {
        if (migrate)
        {
            await Catalog.MigrateAsync(default);
        }

        var tasks = new TaskRunner(Catalog, _executors, Running, Board, Clock, _loggers.CreateLogger<TaskRunner>());
        _runner = new JobRunner(
            Catalog, Queue, tasks, Clock, _loggers.CreateLogger<JobRunner>(), owner, new LaneCounts(background, urgent));
        await _runner.StartAsync(default);
        return this;
    }

    /// <summary>The server is told to stop, and its requests still run.</summary>
    public Task StoppingAsync() => _runner!.StoppingAsync(default);

    public Task StopAsync() => _runner!.StopAsync(default);

    /// <summary>Adds an encode job of a new title.</summary>
    public async Task<Job> AddAsync(params Urgency[] tasks)
    {
        await Catalog.MigrateAsync(default);
        var asset = CatalogContract.Sample(Clock.GetUtcNow());
        await Assets.AddAsync(asset, default);
        return (await Control.AddAsync(asset.Id, [new NewJob(JobKind.Encode, [.. tasks.Select(u => new NewTask(u))])], default))[0];
    }

    public async Task<Job> JobAsync(Job job) => (await Catalog.FindJobAsync(job.Id, default))!;

    public Task<bool> Becomes(Job job, JobState state) => Eventually.Holds(async () => (await JobAsync(job)).State == state);

    public async ValueTask DisposeAsync()
    {
        if (_runner is not null)
        {
            await _runner.StopAsync(default);
            _runner.Dispose();
        }

        Board.Dispose();
        _loggers.Dispose();
        Catalog.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Executor(JobKind kind, Func<WorkTask, CancellationToken, Task<TaskResult>> work) : ITaskExecutor
    {
        public JobKind Kind => kind;

        public Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct) => work(task, ct);
    }
}

/// <summary>Remembers for how long it was waited.</summary>
internal sealed class RecordingQueue(IJobQueue inner) : IJobQueue
{
    private readonly List<TimeSpan> _waits = [];

    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_waits)
            {
                return [.. _waits];
            }
        }
    }

    public void Announce(Urgency urgency, int? tasks = null) => inner.Announce(urgency, tasks);

    public void AnnounceHere(Urgency urgency) => inner.AnnounceHere(urgency);

    public Task<Announcement> WaitAsync(Urgency least, TimeSpan atMost, CancellationToken ct)
    {
        var wait = inner.WaitAsync(least, atMost, ct);
        if (atMost > TimeSpan.Zero)
        {
            lock (_waits)
            {
                _waits.Add(atMost);
            }
        }

        return wait;
    }
}
