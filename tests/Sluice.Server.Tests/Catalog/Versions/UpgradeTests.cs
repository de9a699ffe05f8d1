using Npgsql;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Catalog.Versions;

/// <summary>A database of the version before, which nodes work on, is brought up to date by this one.</summary>
public sealed class UpgradeTests(PostgresServers servers) : IAsyncLifetime
{
    /// <summary>The step that changes two tables that nodes work with.</summary>
    private const int PauseStep = 4;

    private readonly PostgresHome _home = new(servers);
    private readonly string _root = Directory.CreateTempSubdirectory("sluice-versions-").FullName;

    public ValueTask InitializeAsync() => _home.PrepareAsync();

    public async ValueTask DisposeAsync()
    {
        await _home.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Two_nodes_that_start_at_once_bring_it_up_to_date_once_while_an_older_one_works()
    {
        var known = PostgresMigrations.Steps.Count;
        await using (var before = Open([.. PostgresMigrations.Steps.Take(known - 1)]))
        {
            await before.MakeSchemaAsync(default);
        }

        await using var older = await OlderNode.StartAsync(_home.Address);
        (await Eventually.Holds(() => older.Titles > 5)).ShouldBeTrue();
        await using var gate = new NpgsqlConnection(_home.Address.ConnectionString);
        await gate.OpenAsync();
        await gate.RunAsync($"SELECT pg_advisory_lock({PostgresMigrations.Lock})", default);
        await using var one = NodeProcess.Begin(_root, "one", _home.Url);
        await using var two = NodeProcess.Begin(_root, "two", _home.Url);
        (await Eventually.Holds(async () => await _home.RunAsync(
            "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") is 2L))
            .ShouldBeTrue("both are at the point where one of them goes first");
        await gate.RunAsync($"SELECT pg_advisory_unlock({PostgresMigrations.Lock})", default);
        await Task.WhenAll(one.ServesAsync(), two.ServesAsync());

        (await _home.RunAsync("SELECT COUNT(*) = COUNT(DISTINCT step) AND MAX(step) = COUNT(*) FROM migrations")).ShouldBe(true);
        (await _home.RunAsync("SELECT COUNT(*) FROM migrations")).ShouldBe((long)known);
        var then = older.Titles;
        (await Eventually.Holds(() => older.Titles > then + 5)).ShouldBeTrue("it goes on");
        await older.StopAsync();
        older.Tasks.ShouldBe(older.Titles);
        foreach (var node in (NodeProcess[])[one, two])
        {
            (await node.Http.GetStringAsync("/api/v1/media?limit=1")).ShouldContain($"\"total\":{older.Titles}");
            node.Errors.ShouldBeEmpty();
        }
    }

    /// <summary>Whoever wants a table waits behind a step that waits for it.</summary>
    [Fact]
    public async Task A_step_that_has_to_wait_for_a_backup_does_not_stop_the_nodes_that_work()
    {
        await using (var before = Open(PostgresMigrations.Steps))
        {
            await before.MakeSchemaAsync(default);
        }

        await using var backup = new NpgsqlConnection(_home.Address.ConnectionString);
        await backup.OpenAsync();
        await using var reading = await backup.BeginTransactionAsync();
        await backup.RunAsync("LOCK TABLE assets IN ACCESS SHARE MODE", default); // What pg_dump does with every table.

        await using var older = await OlderNode.StartAsync(_home.Address);
        await using var newer = Open(NewerSchema.With(NewerSchema.Adds));
        var migrating = newer.MakeSchemaAsync(default);
        for (var i = 0; i < 8; i++)
        {
            await Task.Delay(1000); // Longer than a statement of a node may take.
            await backup.RunAsync("SELECT 1", default);
        }

        migrating.IsCompleted.ShouldBeFalse();
        await reading.RollbackAsync();
        await migrating.WaitAsync(Eventually.Patience);
        var then = older.Titles;
        (await Eventually.Holds(() => older.Titles > then + 5)).ShouldBeTrue();
        await older.StopAsync();
        older.Longest.ShouldBeLessThan(TimeSpan.FromSeconds(5), "a statement that takes longer has failed");
        (await _home.RunAsync("SELECT MAX(step) FROM migrations")).ShouldBe(PostgresMigrations.Steps.Count + 1);
        (await _home.RunAsync("SELECT COUNT(*) FROM assets WHERE mood = 'calm'")).ShouldBe(older.Titles);
    }

    [Fact]
    public async Task A_step_that_got_in_the_way_of_a_node_is_undone_and_done_again()
    {
        await using (var before = Open([.. PostgresMigrations.Steps.Take(PauseStep - 1)]))
        {
            await before.MakeSchemaAsync(default);
        }

        await using var node = new NpgsqlConnection(_home.Address.ConnectionString);
        await node.OpenAsync();
        await using var working = await node.BeginTransactionAsync();
        await node.RunAsync("LOCK TABLE tasks IN ROW EXCLUSIVE MODE", default); // As a node that changes a task, and then its job.
        await using var newer = Open(PostgresMigrations.Steps);
        var migrating = newer.MakeSchemaAsync(default);
        (await Eventually.Holds(async () => await _home.RunAsync(
            "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'tasks'::regclass") is 1L)).ShouldBeTrue();
        await node.RunAsync("LOCK TABLE jobs IN ROW EXCLUSIVE MODE", default); // Each waits for the other: the database ends the one that waited first.
        await working.CommitAsync();
        (await Eventually.Holds(async () => await _home.RunAsync("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") is 1L)).ShouldBeTrue();

        await migrating.WaitAsync(Eventually.Patience);
        (await _home.RunAsync("SELECT MAX(step) FROM migrations")).ShouldBe(PostgresMigrations.Steps.Count);
    }

    [Fact]
    public async Task A_node_that_changes_a_job_and_then_its_tasks_is_waited_for()
    {
        await using (var before = Open([.. PostgresMigrations.Steps.Take(PauseStep - 1)]))
        {
            await before.MakeSchemaAsync(default);
        }

        await using var node = new NpgsqlConnection(_home.Address.ConnectionString);
        await node.OpenAsync();
        await using var working = await node.BeginTransactionAsync();
        await node.RunAsync("LOCK TABLE jobs IN ROW EXCLUSIVE MODE", default);
        await using var newer = Open(PostgresMigrations.Steps);
        var migrating = newer.MakeSchemaAsync(default);
        (await Eventually.Holds(async () => await _home.RunAsync("SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'jobs'::regclass") is 1L)).ShouldBeTrue();
        await node.RunAsync("SET LOCAL lock_timeout = '500ms'; LOCK TABLE tasks IN ROW EXCLUSIVE MODE", default); // Nobody has it yet.
        await working.CommitAsync();

        await migrating.WaitAsync(Eventually.Patience);
    }

    private PostgresCatalog Open(IReadOnlyList<PostgresStep> steps) => new(_home.Address, TimeProvider.System, steps: steps);
}
