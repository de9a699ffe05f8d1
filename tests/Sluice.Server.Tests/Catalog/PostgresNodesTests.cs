using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Several nodes over one database.</summary>
public sealed class PostgresNodesTests(PostgresServers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    private readonly PostgresHome _home = new(servers);
    private PostgresCatalog _one = null!;
    private PostgresCatalog _two = null!;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        await _home.PrepareAsync();
        (_one, _two) = ((PostgresCatalog)_home.Open(), (PostgresCatalog)_home.Open());
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _home.DisposeAsync();
    }

    [Fact]
    public async Task Nodes_that_start_at_once_make_the_schema_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(n => Task.Run(() => (n % 2 == 0 ? _one : _two).MigrateAsync(default))));
        (await _home.RunAsync("SELECT COUNT(*) = COUNT(DISTINCT step) AND COUNT(*) > 0 FROM migrations")).ShouldBe(true);
    }

    [Fact]
    public async Task A_newer_schema_is_worked_with_until_it_says_that_it_cannot_be()
    {
        await _one.MigrateAsync(default);
        await _home.RunAsync("INSERT INTO migrations (step, needs) VALUES (998, 1); ALTER TABLE assets ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'");
        await _two.MigrateAsync(default);
        await _two.AddAsync(CatalogContract.Sample(Now), [], default);
        (await _home.RunAsync("SELECT mood FROM assets")).ShouldBe("calm");

        await _home.RunAsync("INSERT INTO migrations (step, needs) VALUES (999, 999)");
        var refusal = await Should.ThrowAsync<NewerSchemaException>(() => _two.MigrateAsync(default));
        refusal.Message.ShouldContain("999");
        refusal.Message.ShouldContain("newer version");
    }

    [Fact]
    public async Task The_schema_has_the_tables_and_columns_of_sqlite()
    {
        await _one.MigrateAsync(default);
        await using var file = new SqliteHome();
        using var sqlite = (SqliteCatalog)file.Open();
        await sqlite.MigrateAsync(default);
        var there = new List<string>();
        await using (var connection = await _one.OpenAsync(default))
        await using (var command = new NpgsqlCommand(
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT IN ('migrations', 'commits', 'moves')", connection))
        await using (var row = await command.ExecuteReaderAsync())
        {
            while (await row.ReadAsync())
            {
                there.Add(row.GetString(0));
            }
        }

        var here = new List<string>();
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file.File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                here.Add(row.GetString(0));
            }
        }

        there.Order(StringComparer.Ordinal).ShouldBe(here.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nodes_that_claim_at_once_never_hold_the_same_task_and_every_job_ends()
    {
        const int Tasks = 60;
        await _one.MigrateAsync(default);
        var assets = Enumerable.Range(0, 3).Select(_ => CatalogContract.Sample(Now)).ToArray();
        foreach (var asset in assets)
        {
            await _one.AddAsync(asset, [new NewJob(JobKind.Encode, [.. Enumerable.Repeat(new NewTask(Urgency.Background), Tasks / assets.Length)])], default);
        }

        var held = new ConcurrentDictionary<long, string>();
        var fences = new ConcurrentBag<long>();
        var doubles = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            ICatalog node = n % 2 == 0 ? _one : _two;
            while (await node.ClaimAsync($"w{n}", Urgency.Background, Now, Lease, default) is { } task)
            {
                Interlocked.Add(ref doubles, held.TryAdd(task.Id, $"w{n}") ? 0 : 1);
                fences.Add(task.Fence);
                (await node.PublishChunkAsync(task, new ChunkRow("v1", (int)task.Id, task.Fence, 1, 1, [1], false), default)).ShouldBeTrue();
                (await node.CompleteAsync(task, Now, default)).ShouldBeTrue();
            }
        })));

        doubles.ShouldBe(0);
        held.Count.ShouldBe(Tasks);
        fences.Distinct().Count().ShouldBe(Tasks);
        foreach (var asset in assets)
        {
            (await _two.ListJobsAsync(asset.Id, null, 10, default)).ShouldHaveSingleItem().State.ShouldBe(JobState.Done, "the last two may end at the same moment");
            (await _two.ListChunksAsync(asset.Id, default)).Count.ShouldBe(Tasks / assets.Length);
        }
    }

    [Fact]
    public async Task A_node_whose_clock_is_wrong_neither_takes_what_another_holds_nor_loses_its_own()
    {
        var lease = TimeSpan.FromMinutes(10); // Longer than any machine takes for this.
        await _one.MigrateAsync(default);
        await _one.AddAsync(CatalogContract.Sample(Now.AddMinutes(-1)), [new NewJob(JobKind.Encode, [new NewTask(Urgency.Background), new NewTask(Urgency.Background)])], default);
        var wrong = new ShiftedClock(TimeSpan.FromHours(2));
        await using var ahead = new PostgresCatalog(_one.Address, wrong);
        (await _one.ClaimAsync("one", Urgency.Background, Now, lease, default)).ShouldNotBeNull();

        var theirs = (await ahead.ClaimAsync("ahead", Urgency.Background, wrong.GetUtcNow(), lease, default)).ShouldNotBeNull();
        (await ahead.ClaimAsync("ahead", Urgency.Background, wrong.GetUtcNow(), lease, default)).ShouldBeNull("its clock says that the other lease is long over");
        (await _one.ClaimAsync("one", Urgency.Background, Now, lease, default)).ShouldBeNull();

        (theirs.LeaseUntil!.Value - wrong.GetUtcNow()).ShouldBeInRange(TimeSpan.Zero, lease + TimeSpan.FromMinutes(1));
        (await ahead.RenewAsync(theirs, wrong.GetUtcNow() + lease, default)).ShouldBeTrue();
        var due = (await ahead.NextDueAsync(Urgency.Background, wrong.GetUtcNow(), default)).ShouldNotBeNull();
        (due - wrong.GetUtcNow()).ShouldBeInRange(TimeSpan.Zero, lease + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task What_one_node_changes_is_seen_by_the_memory_of_another()
    {
        await _one.MigrateAsync(default);
        var (here, there) = (new AssetDirectory(_one), new AssetDirectory(_two));
        using var listener = new PostgresListener(_two, there, TimeProvider.System, NullLogger<PostgresListener>.Instance);
        var asset = CatalogContract.Sample(Now);
        await here.AddAsync(asset, default);
        await there.FindAsync(asset.Id, default);
        await listener.StartAsync(default);
        var told = new ConcurrentQueue<(AssetId, AssetState?)>();
        there.Changed += (id, now) => told.Enqueue((id, now?.State));
        (await Eventually.Holds(() => !there.TryGet(asset.Id, out _))).ShouldBeTrue("it forgets what it may have missed before it listened");
        await there.FindAsync(asset.Id, default);

        await here.UpdateAsync(asset.Id, old => old with { Epoch = 9, State = AssetState.Failed }, default);
        (await Eventually.Holds(() => there.TryGet(asset.Id, out var now) && now.Epoch == 9)).ShouldBeTrue();
        await _home.RunAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query = 'SELECT 1'");
        await here.RemoveAsync(asset.Id, default);
        (await Eventually.Holds(() => !there.TryGet(asset.Id, out _))).ShouldBeTrue();

        told.TryPeek(out var first).ShouldBeTrue();
        first.ShouldBe((asset.Id, AssetState.Failed));
        await listener.StopAsync(default);
    }

    [Fact]
    public async Task Operator_keys_of_nodes_that_start_at_once_are_one_key()
    {
        await _one.MigrateAsync(default);
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() => (n % 2 == 0 ? _one : _two).EnsureSettingAsync("key", $"{n}", default))));
        keys.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Marks_of_commits_and_counts_are_swept_and_looks_leave_none()
    {
        await _one.MigrateAsync(default);
        for (var n = 0; n < 5; n++)
        {
            await _one.AddAsync(CatalogContract.Sample(Now), [], default);
        }

        await _home.RunAsync("DELETE FROM commits");
        (await _one.ClaimAsync("w", Urgency.Background, Now, Lease, default)).ShouldBeNull();
        (await _home.RunAsync("SELECT COUNT(*) FROM commits")).ShouldBe(0L);

        await _home.RunAsync("INSERT INTO commits (id, at) SELECT gen_random_uuid(), now() - interval '1 hour' FROM generate_series(1, 50)");
        for (var n = 0; n < 500; n++)
        {
            await _one.SetSettingAsync("n", $"{n}", default);
        }

        ((long)(await _home.RunAsync("SELECT COUNT(*) FROM commits WHERE at < now() - interval '10 minutes'"))!).ShouldBe(0);
        (await _home.RunAsync("SELECT COUNT(*) FROM library_counts")).ShouldBe(1L);
        (await _two.CountAsync(LibraryQuery.All, default)).ShouldBe(5);
    }

    private sealed class ShiftedClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
    }
}
