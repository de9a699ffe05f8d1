using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Catalog.Versions;

/// <summary>Nodes of two neighbouring versions over one database, while they are replaced: the real program, and one whose schema has a step more.</summary>
public sealed class SideBySideTests(PostgresServers servers) : IAsyncLifetime
{
    private readonly PostgresHome _home = new(servers);
    private readonly string _root = Directory.CreateTempSubdirectory("sluice-versions-").FullName;
    private readonly ConcurrentBag<JsonElement> _titles = [];

    public ValueTask InitializeAsync() => _home.PrepareAsync();

    public async ValueTask DisposeAsync()
    {
        await _home.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task They_take_uploads_and_work_and_show_each_others_titles()
    {
        var file = Path.Combine(_root, "clip.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:r=10 -t 2 -c:v mpeg4", file); // No browser plays that: there is something to do.
        var clip = await File.ReadAllBytesAsync(file);

        // :: Step 1  One that works is overtaken by the schema of the next
        await using var before = await NodeProcess.StartAsync(_root, "before", _home.Url);
        using var overtaken = new CancellationTokenSource();
        var working = Task.Run(() => UploadAsync(before.Http, clip, overtaken.Token));
        (await Eventually.Holds(() => _titles.Count > 1)).ShouldBeTrue();
        await using var newer = await StartNewerAsync();
        (await _home.RunAsync("SELECT MAX(step) FROM migrations")).ShouldBe(PostgresMigrations.Steps.Count + 1);
        await using var after = await NodeProcess.StartAsync(_root, "after", _home.Url);

        // :: Step 2  All three take titles
        HttpClient[] nodes = [before.Http, newer.Http, after.Http];
        await Task.WhenAll(nodes[1..].Select(async node => await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AddAsync(node, clip)))));
        await overtaken.CancelAsync();
        await working;

        // :: Step 3  Both versions do tasks, and all of them end
        (await Eventually.Holds(async () =>
        {
            await AddAsync(nodes[_titles.Count % nodes.Length], clip);
            return await HasWorkedAsync("newer") && (await HasWorkedAsync("before") || await HasWorkedAsync("after"));
        })).ShouldBeTrue();
        (await Eventually.Holds(async () => await CountAsync("jobs WHERE finished_at IS NULL") == 0)).ShouldBeTrue();
        (await CountAsync("jobs WHERE state <> 'done'")).ShouldBe(0);
        (await CountAsync("assets WHERE state <> 'ready'")).ShouldBe(0);
        (await CountAsync("assets WHERE mood = 'calm'")).ShouldBe(_titles.Count);
        (await CountAsync("changes_seen")).ShouldBeGreaterThan(_titles.Count);

        // :: Step 4  What one shows, the others show
        foreach (var node in nodes)
        {
            (await node.GetStringAsync("/api/v1/media?limit=1")).ShouldContain($"\"total\":{_titles.Count}");
            foreach (var title in _titles)
            {
                await NodeProcess.PlaysAsync(node, title);
            }
        }

        // :: Step 5  A change on one is one on the others at once
        var first = _titles.First();
        (await newer.SendAsync(HttpMethod.Patch, $"/api/v1/media/{first.Text("id")}", adminKey: first.Text("adminKey"), json: """{"title":"Renamed"}""")).EnsureSuccessStatusCode();
        (await Eventually.Holds(async () => (await before.Http.GetStringAsync($"/api/v1/media/{first.Text("id")}")).Contains("Renamed", StringComparison.Ordinal))).ShouldBeTrue();
        before.Errors.Concat(after.Errors).ShouldBeEmpty();
        newer.Logs.Lines.ShouldNotContain(line => line.Contains("failed", StringComparison.Ordinal));
    }

    private async Task UploadAsync(HttpClient node, byte[] clip, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await AddAsync(node, clip);
            await Task.Delay(200, CancellationToken.None);
        }
    }

    private async Task AddAsync(HttpClient node, byte[] clip) => _titles.Add(await NodeProcess.PublishAsync(node, clip));

    private Task<SluiceServer> StartNewerAsync() => SluiceServer.StartAsync(
        options =>
        {
            (options.Storage.Catalog, options.Storage.CatalogPassword) = (_home.Url, PostgresServer.Password);
            (options.Access.Secret, options.Transcode.Enabled, options.Transcode.Threads) = (NodeProcess.Secret, true, 1);
        },
        builder => builder.Services.AddSingleton(TimeProvider.System)
            .AddSingleton(new PostgresCatalog(_home.Address, TimeProvider.System, steps: NewerSchema.With(NewerSchema.Adds))),
        realPackager: true,
        data: NodeProcess.NewData(_root, "newer"));

    private async Task<bool> HasWorkedAsync(string node) => await CountAsync($"owners_seen WHERE owner LIKE '%/{node}'") > 0;

    private async Task<long> CountAsync(string what) => (long)(await _home.RunAsync("SELECT COUNT(*) FROM " + what))!;
}
