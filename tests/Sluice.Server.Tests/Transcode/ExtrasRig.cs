using Shouldly;
using Sluice.Media.Text;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Extras;

namespace Sluice.Server.Tests.Transcode;

/// <summary>A title in a real catalog and a real store whose extras are made; no HTTP.</summary>
internal sealed class ExtrasRig : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-extras-").FullName;
    private readonly SqliteCatalog _catalog;
    private readonly AssetDirectory _assets;
    private readonly ExtrasTask _task;

    private ExtrasRig(FfmpegTools tools)
    {
        Store = new LocalObjectStore(_folder, 0);
        _catalog = new SqliteCatalog(Path.Combine(_folder, "catalog.db"));
        _assets = new AssetDirectory(_catalog);
        Shelf = new SubtitleShelf(_assets, Store, TimeProvider.System);
        _task = new ExtrasTask(
            _assets, _catalog, Store, Shelf, new SourceReader(tools), tools, new ExtrasTool(tools, new RightOfWay(), new SluiceOptions()), TimeProvider.System);
    }

    public LocalObjectStore Store { get; }

    public SubtitleShelf Shelf { get; }

    public AssetId Id { get; } = AssetId.New();

    /// <summary>Publishes a file with its extras job; nothing runs yet.</summary>
    public static async Task<ExtrasRig> PublishAsync(string file, FfmpegTools? tools = null)
    {
        var rig = new ExtrasRig(tools ?? new FfmpegTools());
        await rig._catalog.MigrateAsync(default);
        await using var stage = rig.Store.Stage(rig.Id);
        File.Copy(file, stage.PathOf("source"));
        await stage.CommitAsync(default);
        var now = TimeProvider.System.GetUtcNow();
        var asset = new Asset
        {
            Id = rig.Id,
            Title = "t",
            FileName = "f",
            State = AssetState.Ready,
            SizeBytes = 1,
            CreatedAt = now,
            UpdatedAt = now,
            AdminKeyHash = [],
        };
        await rig._assets.AddAsync(asset, [ExtrasJob.For()], default);
        return rig;
    }

    /// <summary>Does the job as a worker does; answers it as people see it then.</summary>
    public async Task<Job> WorkAsync()
    {
        var now = TimeProvider.System.GetUtcNow() + NewTask.Beside().Delay;
        var task = (await _catalog.ClaimAsync("me", Urgency.Background, now, TimeSpan.FromMinutes(5), default)).ShouldNotBeNull();
        var result = await _task.RunAsync(task, default);
        if (result.Reason is null)
        {
            await _catalog.CompleteAsync(task, now, default);
        }
        else
        {
            await _catalog.FailAsync(task, result.Reason, result.Log, null, now, default);
        }

        return (await _catalog.FindJobAsync(task.JobId, default)).ShouldNotBeNull();
    }

    public async Task RetryAsync(Job job) => (await _catalog.AddTaskAsync(
        job.Id, ExtrasJob.For().Tasks[0], TimeProvider.System.GetUtcNow(), default)).ShouldNotBeNull();

    public async Task<Asset> AssetAsync() => (await _assets.FindAsync(Id, default)).ShouldNotBeNull();

    public byte[] Bytes(ObjectKey key) => File.ReadAllBytes(Store.LocalPathOf(key).ShouldNotBeNull(key.Name));

    public IReadOnlyList<Cue> Cues(string id) => SubtitleText.Read(Bytes(ObjectKey.Subtitle(Id, id))).Cues;

    public string[] StoredObjects() =>
        [.. Directory.GetFiles(Path.Combine(_folder, "media", Id.Value)).Select(p => Path.GetFileName(p)).Where(n => !n.StartsWith('.')).Order(StringComparer.Ordinal)];

    public string[] Stages() => Directory.GetFileSystemEntries(Path.Combine(_folder, "stage"));

    public ValueTask DisposeAsync()
    {
        _catalog.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
