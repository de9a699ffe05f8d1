using System.Net;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Transcode;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Viewers ask one server for what others encode, over one database and one bucket. There is no broker: the lanes look for work by themselves.</summary>
[Collection(nameof(Swift))]
public sealed class SharedEncodingTests(PostgresServers servers, Swift swift) : IAsyncLifetime
{
    private const int Chunks = 15;

    private const string BackgroundIsHeld = """
        [ "$first" = 0 ] && while [ -e HELD ]; do sleep 0.05; done

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-test-");
    private readonly List<SluiceServer> _nodes = [];
    private string _database = null!;
    private S3Options _s3 = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        (_database, _s3) = (shared.UrlOf(await shared.NewDatabaseAsync()), swift.Options());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_viewer_gets_the_chunk_that_another_server_makes_and_all_servers_see_the_title_become_whole()
    {
        var (door, other) = (await StartAsync("api", "live"), await StartAsync("api"));
        var title = await UploadAsync(door);
        var encoder = new FfmpegStub(_folder, BackgroundIsHeld);
        encoder.Hold();
        await StartAsync(options => (options.Transcode.RunSeconds, options.Transcode.Ffmpeg) = (60, encoder.Program), "worker");

        // In the middle, and what comes behind it, as a player asks.
        foreach (var number in (int[])[10, 11, 12])
        {
            (await FetchAsync(title, number)).Length.ShouldBeGreaterThan(1000);
        }

        encoder.Runs.ShouldContain(900);
        encoder.LetGo();
        await BecomesWholeAsync(title);
        foreach (var server in (SluiceServer[])[door, other])
        {
            var (there, hashes) = (title with { Server = server }, new List<string>());
            foreach (var segment in await there.SegmentsAsync("v0"))
            {
                hashes.Add(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await server.Http.GetByteArrayAsync(segment, Ct))));
            }

            hashes.Distinct().Count().ShouldBe(Chunks + 1);
        }
    }

    [Fact]
    public async Task Two_workers_make_each_chunk_once_and_one_of_them_puts_them_together()
    {
        var door = await StartAsync("api");
        await StartAsync("worker");
        await StartAsync("worker");
        var title = await UploadAsync(door);

        await BecomesWholeAsync(title);
        (await title.SegmentsAsync("v0")).Count.ShouldBe(Chunks + 1);
        var jobs = await door.Of<ICatalog>().ListJobsAsync(Id(title), null, 10, Ct);
        jobs.Single(job => job.Kind == JobKind.Encode).State.ShouldBe(JobState.Done);
    }

    [Fact]
    public async Task A_title_that_another_server_puts_together_keeps_no_other_one_from_it()
    {
        var door = await StartAsync("api");
        var (first, second) = (await UploadAsync(door), await UploadAsync(door));
        var holds = (IHoldCatalog)door.Of<ICatalog>();
        var (hold, another) = ($"gather {first.Id}", new Holder("another"));
        (await holds.HoldAsync(hold, another, DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5), Ct)).ShouldBeTrue();
        await StartAsync(options => options.Transcode.BackgroundTasks = 2, "worker");

        await BecomesWholeAsync(second, also: first);
        (await swift.NamesAsync(_s3.Prefix)).ShouldNotContain(name => name.EndsWith($"{first.Id}/{ObjectKey.Gathered(Id(first), "v0").Name}", StringComparison.Ordinal));

        await holds.LetGoAsync(hold, another.Name, Ct);
        await BecomesWholeAsync(first);
    }

    private static AssetId Id(S3Title title) => AssetId.Parse(title.Id, null);

    private Task<SluiceServer> StartAsync(params string[] roles) => StartAsync(_ => { }, roles);

    private async Task<SluiceServer> StartAsync(Action<SluiceOptions> configure, params string[] roles)
    {
        var node = await ClusterNode.StartAsync(
            _database,
            configure: options =>
            {
                options.Roles = roles;
                options.Queue.Url = "amqp://127.0.0.1:1/none";
                options.Server.Monitor = roles.Contains("worker") ? "127.0.0.1:0" : null;
                options.Transcode.Enabled = true;
                (options.Transcode.ChunkSeconds, options.Transcode.RunSeconds) = (4, 20); // Three tasks.
                options.Ladder = [90];
                S3Title.Use(options, _s3);
                configure(options);
            },
            realPackager: true);
        _nodes.Add(node);
        return node;
    }

    /// <summary>A film of a minute, in a codec of which browsers play nothing.</summary>
    private async Task<S3Title> UploadAsync(SluiceServer server)
    {
        var film = Path.Combine(_folder.FullName, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=25 -t 60 -c:v mpeg4 -q:v 5 -g 25", film);
        using var answer = await server.UploadFileAsync(film);
        var media = await answer.JsonAsync();
        var title = new S3Title(server, media.Text("id"), media.GetProperty("playback").Text("token"));
        title.Id.ShouldNotBeEmpty();
        return title;
    }

    /// <summary>As players do: who is told to come again does.</summary>
    private async Task<byte[]> FetchAsync(S3Title title, int number)
    {
        var segment = (await title.SegmentsAsync("v0"))[number];
        for (var i = 0; i < 20; i++)
        {
            using var answer = await title.Server.Http.GetAsync(segment, Ct);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return await answer.Content.ReadAsByteArrayAsync(Ct);
            }

            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await Task.Delay(answer.Headers.RetryAfter!.Delta!.Value, Ct);
        }

        throw new TimeoutException($"Segment {number} never came.");
    }

    /// <summary>Its renditions are put together, and nothing is left of their making.</summary>
    private async Task BecomesWholeAsync(S3Title title, S3Title? also = null)
    {
        var catalog = title.Server.Of<ICatalog>();
        (await Eventually.Holds(
            async () => (await catalog.FindAsync(Id(title), Ct))!.Renditions.Any(r => r is { Id: "v0", IsListed: true })
                && (await catalog.ListJobsAsync(Id(title), null, 10, Ct)).All(job => job.State is JobState.Done or JobState.Failed)
                && (await catalog.ListChunksAsync(Id(title), Ct)).Count == 0
                && !(await swift.NamesAsync(_s3.Prefix)).Exists(name => name.Contains("/chunks/", StringComparison.Ordinal) && (also is null || !name.Contains(also.Id, StringComparison.Ordinal))),
            90)).ShouldBeTrue(await WhatIsLeftAsync(title));
    }

    private async Task<string> WhatIsLeftAsync(S3Title title)
    {
        var catalog = title.Server.Of<ICatalog>();
        var jobs = (await catalog.ListJobsAsync(Id(title), null, 10, Ct)).Select(job => $"{job.Kind} {job.State} {job.Reason}");
        return string.Join("; ", [.. jobs, $"{(await catalog.ListChunksAsync(Id(title), Ct)).Count} chunks", .. await swift.NamesAsync(_s3.Prefix)]);
    }
}
