using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Catalog.Versions;
using Sluice.Server.Tests.Jobs.RabbitMq;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>The real program under load while its database dies and comes back, and while the line to it is cut.</summary>
public sealed class PostgresRestartTests : IAsyncLifetime
{
    /// <summary>Longer than requests wait for the database.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(11);

    private readonly string _root = Directory.CreateTempSubdirectory("sluice-restart-").FullName;
    private readonly ConcurrentBag<JsonElement> _titles = [];
    private readonly ConcurrentBag<string> _surprises = [];
    private PostgresServer _database = null!;
    private string _name = "";
    private byte[] _clip = [];
    private int _refused;

    public async ValueTask InitializeAsync()
    {
        PostgresServer.Require();
        _database = await PostgresServer.StartAsync();
        _name = await _database.NewDatabaseAsync();
        var file = Path.Combine(_root, "clip.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:r=10 -t 2 -c:v mpeg4", file);
        _clip = await File.ReadAllBytesAsync(file);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_database_that_dies_under_load_and_comes_back_loses_nothing()
    {
        await using var node = await NodeProcess.StartAsync(_root, "node", _database.UrlOf(_name));
        await UnderLoadAsync(node, async () =>
        {
            // For a moment, of which clients see nothing but that it takes longer.
            await _database.CrashAsync();
            (await _database.StartAgainAsync()).ShouldBeTrue();
            await GoesOnAsync();
            _refused.ShouldBe(0);

            // For longer than anybody waits.
            await _database.CrashAsync();
            (await Eventually.Holds(() => Volatile.Read(ref _refused) > 3)).ShouldBeTrue();
            await Task.Delay(Long);
            (await node.Http.GetStringAsync("/health")).ShouldContain("\"catalog\":\"unreachable\"");
            (await _database.StartAgainAsync()).ShouldBeTrue();
            await GoesOnAsync();
        });
    }

    [Fact]
    public async Task A_line_that_is_cut_under_load_loses_nothing()
    {
        await using var line = new CutLine(_database.Port);
        await using var node = await NodeProcess.StartAsync(_root, "node", _database.UrlOf(_name, line.Port));
        await UnderLoadAsync(node, async () =>
        {
            for (var i = 0; i < 5; i++)
            {
                line.Cut();
                line.Mend();
                await GoesOnAsync();
            }

            _refused.ShouldBe(0);
            line.Cut();
            (await Eventually.Holds(() => Volatile.Read(ref _refused) > 3)).ShouldBeTrue();
            line.Mend();
            await GoesOnAsync();
        });
    }

    /// <summary>Uploads and looks go on meanwhile. What was promised is there afterwards, and all work ends, in the same process.</summary>
    private async Task UnderLoadAsync(NodeProcess node, Func<Task> trouble)
    {
        using var end = new CancellationTokenSource();
        Task[] load = [.. Enumerable.Range(0, 3).Select(_ => UploadAsync(node.Http, end.Token)), LookAsync(node.Http, "/api/v1/media?limit=1", end.Token), LookAsync(node.Http, "/api/v1/jobs", end.Token)];
        await GoesOnAsync();
        await trouble();
        await end.CancelAsync();
        await Task.WhenAll(load);

        _surprises.ShouldBeEmpty();
        (await node.Http.GetAsync("/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Eventually.Holds(async () => await CountAsync("jobs WHERE finished_at IS NULL") == 0)).ShouldBeTrue();
        (await CountAsync("jobs WHERE state <> 'done'")).ShouldBe(0);
        (await CountAsync("assets WHERE state <> 'ready'")).ShouldBe(0);
        foreach (var title in _titles)
        {
            await NodeProcess.PlaysAsync(node.Http, title);
        }

        (await CountAsync("assets")).ShouldBe(_titles.Count, "who was refused may ask again, and has no title twice");
        node.Process.Output.ShouldContain("The connection to the catalog is lost");
        node.Process.Output.ShouldContain("The catalog answers again");
        node.Errors.Where(line => !line.Contains("was not written into the audit", StringComparison.Ordinal)).ShouldBeEmpty("what is lost of the log of keys is said there");
        (node.Process.Output + node.Process.Errors).ShouldNotContain(PostgresServer.Password);
        await node.Process.SignalAsync("TERM");
        (await node.Process.ExitAsync()).ShouldBe(0, "it has lived through it");
    }

    private async Task GoesOnAsync()
    {
        var then = _titles.Count;
        (await Eventually.Holds(() => _titles.Count > then + 2)).ShouldBeTrue(string.Join('\n', _surprises));
    }

    private async Task UploadAsync(HttpClient http, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            using var answer = await NodeProcess.UploadAsync(http, _clip);
            if (await IsGivenAsync(answer))
            {
                _titles.Add(await answer.JsonAsync());
            }

            await Task.Delay(300, CancellationToken.None);
        }
    }

    private async Task LookAsync(HttpClient http, string path, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            using var answer = await http.GetAsync(path, CancellationToken.None);
            await IsGivenAsync(answer);
            await Task.Delay(100, CancellationToken.None);
        }
    }

    /// <summary>Whether it was given; else it must be refused as documented.</summary>
    private async Task<bool> IsGivenAsync(HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode)
        {
            return true;
        }

        var text = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter?.Delta == TimeSpan.FromSeconds(2) && text.Contains("\"catalog-unreachable\"", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _refused);
        }
        else
        {
            _surprises.Add($"{(int)answer.StatusCode} {text}");
        }

        return false;
    }

    private async Task<long> CountAsync(string what) => (long)(await _database.RunAsync(_name, "SELECT COUNT(*) FROM " + what))!;
}
