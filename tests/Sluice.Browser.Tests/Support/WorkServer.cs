using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;

namespace Sluice.Browser.Tests.Support;

/// <summary>
/// A server whose jobs are real in everything but the work: that goes on as the test says. Its clock, which stands still
/// in other tests, goes on here: streams of events are paced by it.
/// </summary>
internal sealed class WorkServer : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly HeldWork _work;
    private readonly CancellationTokenSource _ends = new();
    private readonly Task _ticking;

    public WorkServer(SluiceServer server, HeldWork work)
    {
        (Server, _work) = (server, work);
        _ticking = TickAsync(_ends.Token);
    }

    public SluiceServer Server { get; }

    /// <summary>Streams of events that are open now.</summary>
    public int Listeners => Server.App.Services.GetRequiredService<ChangeFeed>().Count;

    private IServiceProvider Services => Server.App.Services;

    /// <summary>Puts <paramref name="work"/> in the place of all real work.</summary>
    public static Action<WebApplicationBuilder> With(HeldWork work) => builder =>
    {
        builder.Services.RemoveAll<ITaskExecutor>();
        builder.Services.AddSingleton<ITaskExecutor>(work.Of(JobKind.Encode));
        builder.Services.AddSingleton<ITaskExecutor>(work.Of(JobKind.Remux));
    };

    /// <summary>Begins a job of a title, and waits until it is worked on: only then what is reported of it is heard.</summary>
    public async Task<Job> BeginAsync(JsonElement media, JobKind kind = JobKind.Encode)
    {
        var control = Services.GetRequiredService<JobControl>();
        var job = (await control.AddAsync(IdOf(media), [new NewJob(kind, [new NewTask(Urgency.Title)])], default))[0];
        await UntilAsync(job, JobState.Running);
        (await Eventually.Holds(() => _work.Has(job))).ShouldBeTrue("nobody works on it");
        return job;
    }

    /// <summary>Adds so many jobs to a title, which are worked on when their turn comes.</summary>
    public Task<IReadOnlyList<Job>> AddAsync(JsonElement media, int count) => Services.GetRequiredService<JobControl>().AddAsync(
        IdOf(media), [.. Enumerable.Range(0, count).Select(static _ => new NewJob(JobKind.Encode, [new NewTask(Urgency.Title)]))], default);

    /// <summary>Reports how far a job is; speed in seconds of media a second.</summary>
    public async Task ReportAsync(Job job, double progress, double? speed = null, double? etaSeconds = null) =>
        await Services.GetRequiredService<ProgressBoard>().ReportAsync(job.Id, progress, speed, etaSeconds, default);

    /// <summary>The work of a job ends so, as soon as it is begun.</summary>
    public async Task EndAsync(Job job, TaskResult result) =>
        (await Eventually.Holds(() => _work.TryEnd(job, result))).ShouldBeTrue("nobody works on it");

    /// <summary>Waits until the catalog says so.</summary>
    public async Task UntilAsync(Job job, JobState state)
    {
        var catalog = Services.GetRequiredService<IWorkCatalog>();
        if (!await Eventually.Holds(async () => (await catalog.FindJobAsync(job.Id, default))?.State == state))
        {
            throw new TimeoutException($"The job never was {state}, but {(await catalog.FindJobAsync(job.Id, default))?.State}.");
        }
    }

    /// <summary>Changes the state of a title.</summary>
    public Task SetAsync(JsonElement media, AssetState state, string? reason = null) => Server.Assets.UpdateAsync(
        IdOf(media), asset => asset with { State = state, Reason = reason, Revision = asset.Revision + 1 }, default);

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await _ticking;
        _ends.Dispose();
    }

    private static AssetId IdOf(JsonElement media) => AssetId.Parse(media.GetProperty("id").GetString()!, null);

    private async Task TickAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Tick);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                Server.Clock.Advance(Tick);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}

/// <summary>Work that lasts until the test ends it, or the server stops it.</summary>
internal sealed class HeldWork
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<TaskResult>> _running = new(StringComparer.Ordinal);

    public ITaskExecutor Of(JobKind kind) => new Executor(this, kind);

    /// <summary>Whether somebody works on it.</summary>
    public bool Has(Job job) => _running.ContainsKey(job.Id);

    /// <summary>Ends the work of a job; false when none is done.</summary>
    public bool TryEnd(Job job, TaskResult result) => _running.TryRemove(job.Id, out var end) && end.TrySetResult(result);

    private async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        var end = new TaskCompletionSource<TaskResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[task.JobId] = end;
        try
        {
            return await end.Task.WaitAsync(ct);
        }
        finally
        {
            _running.TryRemove(KeyValuePair.Create(task.JobId, end)); // Work that was stopped is not ended in the place of what follows it.
        }
    }

    private sealed class Executor(HeldWork work, JobKind kind) : ITaskExecutor
    {
        public JobKind Kind => kind;

        public Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct) => work.RunAsync(task, ct);
    }
}
