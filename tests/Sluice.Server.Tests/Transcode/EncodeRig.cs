using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Nodes;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Sluice.Server.Transcode;


namespace Sluice.Server.Tests.Transcode;

/// <summary>A title with a plan in a real catalog and a real store, and all that encodes it; no HTTP.</summary>
internal sealed class EncodeRig : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-encode-").FullName;
    private readonly SqliteCatalog _catalog;
    private readonly ChunkPublisher _publisher;
    private readonly RenditionGathering _gathering;
    private readonly EncoderProcess _encoder;
    private readonly ProgressBoard _progress;

    private readonly FfmpegTools _tools;

    private EncodeRig(SluiceOptions options, FfmpegTools ffmpeg, TimeProvider? clock = null, Func<ICatalog, ICatalog>? gathers = null)
    {
        _tools = ffmpeg;
        Options = options;
        Store = new LocalObjectStore(_folder, 0);
        _catalog = new SqliteCatalog(Path.Combine(_folder, "catalog.db"));
        var assets = new AssetDirectory(_catalog);
        Board = new ChunkBoard(_catalog, assets, options, TimeProvider.System);
        Titles = new TitleWork(Store, TimeProvider.System);
        _encoder = new EncoderProcess(ffmpeg, options);
        _publisher = new ChunkPublisher(Store, _catalog);
        clock ??= TimeProvider.System;
        _gathering = new RenditionGathering(
            Store, gathers?.Invoke(_catalog) ?? _catalog, Board, new Holds(_catalog, clock, NullLogger<Holds>.Instance, new Holder("test")), assets, _ => { }, clock,
            NullLogger<RenditionGathering>.Instance);
        _progress = new ProgressBoard(_catalog, new ChangeFeed(assets, TimeProvider.System), TimeProvider.System, NullLogger<ProgressBoard>.Instance);
        Executor = NewExecutor();
    }

    /// <summary>Chunks of the sources of these tests, which count them; not the default.</summary>
    private const double ChunkSeconds = 4;

    public SluiceOptions Options { get; }

    public LocalObjectStore Store { get; }

    public ICatalog Catalog => _catalog;

    public ChunkBoard Board { get; private set; }

    public TitleWork Titles { get; }

    public EncodeTask Executor { get; private set; }

    public AssetId Asset { get; } = AssetId.New();

    public PlanResult Plan { get; private set; } = new("not planned", [], []);

    /// <summary>Plans the encoding of a file.</summary>
    public static async Task<EncodeRig> PlanAsync(
        EncodeSource source, SluiceOptions? options = null, FfmpegTools? ffmpeg = null, TimeProvider? clock = null, Func<ICatalog, ICatalog>? gathers = null)
    {
        var rig = new EncodeRig(options ?? new SluiceOptions { Ladder = [180, 90] }, ffmpeg ?? new FfmpegTools(), clock, gathers);
        rig.Options.Transcode.ChunkSeconds = ChunkSeconds;
        await rig._catalog.MigrateAsync(CancellationToken.None);
        await using var stage = rig.Store.Stage(rig.Asset);
        File.Copy(source.Path, stage.PathOf("source"));
        rig.Plan = await new TitlePlanner(new EncoderTrial(rig._encoder), rig.Options).PlanAsync(source, stage.PathOf, CancellationToken.None);
        rig.Plan.Problem.ShouldBeNull();
        await stage.CommitAsync(CancellationToken.None);
        var now = DateTimeOffset.UnixEpoch;
        await rig.Catalog.AddAsync(
            new Asset
            {
                Id = rig.Asset,
                Title = "",
                FileName = "",
                State = AssetState.Ready,
                SizeBytes = 1,
                CreatedAt = now,
                UpdatedAt = now,
                AdminKeyHash = [],
                Renditions = rig.Plan.Renditions,
            }, [], CancellationToken.None);
        return rig;
    }

    /// <summary>Forgets all that a process holds in memory.</summary>
    public void Restart()
    {
        Board = new ChunkBoard(_catalog, new AssetDirectory(_catalog), Options, TimeProvider.System);
        Executor = NewExecutor();
    }

    /// <summary>Runs tasks over these ranges of chunks, one after the other; each must end well.</summary>
    public async Task EncodeAsync(params (int First, int End)[] ranges)
    {
        var tasks = ranges.Select(r => new NewTask(Urgency.Background, r.First, r.End)).ToList();
        await Catalog.AddJobsAsync(Asset, [new NewJob(JobKind.Encode, tasks)], DateTimeOffset.UnixEpoch, CancellationToken.None);
        while (await Catalog.ClaimAsync("test", Urgency.Background, DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1), CancellationToken.None) is { } task)
        {
            (await Executor.RunAsync(task, CancellationToken.None)).Reason.ShouldBeNull();
            (await Catalog.CompleteAsync(task, DateTimeOffset.UnixEpoch, CancellationToken.None)).ShouldBeTrue();
        }
    }

    /// <summary>Runs one task over these chunks.</summary>
    public async Task<TaskResult> RunAsync(int first, int end)
    {
        var job = new NewJob(JobKind.Encode, [new NewTask(Urgency.Background, first, end)]);
        await Catalog.AddJobsAsync(Asset, [job], DateTimeOffset.UnixEpoch, CancellationToken.None);
        var task = await Catalog.ClaimAsync("test", Urgency.Background, DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1), CancellationToken.None);
        return await Executor.RunAsync(task.ShouldNotBeNull(), CancellationToken.None);
    }

    /// <summary>Why a file cannot be planned; null when it can.</summary>
    public static async Task<string?> WhyNotAsync(EncodeSource source, SluiceOptions options)
    {
        await using var rig = new EncodeRig(options, new FfmpegTools());
        await using var stage = rig.Store.Stage(rig.Asset);
        var planner = new TitlePlanner(new EncoderTrial(rig._encoder), options);
        return (await planner.PlanAsync(source, stage.PathOf, CancellationToken.None)).Problem;
    }

    /// <summary>The whole rendition as one file: init segment and all segments, as a player gets them.</summary>
    public async Task<string> FileOfAsync(string rendition)
    {
        var path = Path.Combine(_folder, rendition + ".mp4");
        var table = (await RenditionTable.ReadAsync(Store, Asset, rendition, CancellationToken.None)).ShouldNotBeNull();
        await using var file = File.Create(path);
        await file.WriteAsync(table.Init);
        using var index = new FileByteSource(Store.LocalPathOf(ObjectKey.Index(Asset, rendition))!);
        using var payload = new FileByteSource(Store.LocalPathOf(ObjectKey.Gathered(Asset, rendition)).ShouldNotBeNull($"{rendition} is not complete"));
        var reader = TrackIndexReader.TryOpen(index).ShouldNotBeNull();
        for (var n = 1; n <= reader.SegmentCount; n++)
        {
            var entry = reader.ReadEntry(n)!.Value;
            var blob = new byte[entry.BlobBytes];
            index.Read(entry.BlobOffset, blob).ShouldBe(blob.Length);
            await file.WriteAsync(blob.AsMemory(0, entry.HeadBytes));
            var bytes = new byte[entry.PayloadBytes];
            payload.Read(Extent.Read(blob.AsSpan(entry.HeadBytes)).Offset, bytes).ShouldBe(bytes.Length);
            await file.WriteAsync(bytes);
        }

        return path;
    }

    public string[] StoredObjects() => [.. Directory.GetFiles(Path.Combine(_folder, "media", Asset.Value)).Select(p => Path.GetFileName(p)).Where(n => !n.StartsWith('.')).Order(StringComparer.Ordinal)];

    /// <summary>Path of one object of the title.</summary>
    public string PathOf(string name) => Path.Combine(_folder, "media", Asset.Value, name);

    private EncodeTask NewExecutor() => new(
        Titles, Board, _encoder, _publisher, _gathering, new EncodeReport(_catalog, _progress, TimeProvider.System), null!, new SubtitleLookBack(_tools), new RightOfWay(),
        TimeProvider.System, NullLogger<EncodeTask>.Instance);

    public ValueTask DisposeAsync()
    {
        _progress.Dispose();
        _catalog.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
