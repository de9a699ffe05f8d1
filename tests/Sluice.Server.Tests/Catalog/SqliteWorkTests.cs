using Microsoft.Data.Sqlite;
using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>The contract of work over SQLite, and what only a file has.</summary>
public sealed class SqliteWorkTests() : JobCatalogContract(new SqliteHome())
{
    private string File => ((SqliteHome)Home).File;

    [Fact]
    public async Task A_file_of_the_first_schema_is_brought_up_to_date()
    {
        var old = File + ".old";
        using (var connection = new SqliteConnection($"Data Source={old}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText =
                """
                CREATE TABLE assets (
                  id TEXT PRIMARY KEY, title TEXT NOT NULL, file_name TEXT NOT NULL, state TEXT NOT NULL, reason TEXT,
                  origin TEXT NOT NULL, size_bytes INTEGER NOT NULL, duration_seconds REAL NOT NULL, version TEXT NOT NULL,
                  tracks TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, expires_at INTEGER,
                  expiry_minutes INTEGER, tokens_refreshed_at INTEGER, epoch INTEGER NOT NULL, admin_key_hash BLOB NOT NULL
                ) WITHOUT ROWID;
                CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                INSERT INTO assets VALUES (
                  '0123456789abcdef', 'Old', 'old.mp4', 'ready', NULL, 'native', 5, 1.5, 'abcd',
                  '[{"id":"v0","kind":"video","description":"h264 High","action":"copy","reason":"plays"},
                    {"id":null,"kind":"other","description":"?","action":"drop","reason":"data"}]',
                  0, 0, NULL, NULL, NULL, 2, x'0102');
                PRAGMA user_version = 1;
                """;
            command.ExecuteNonQuery();
            SqliteConnection.ClearPool(connection);
        }

        using var catalog = new SqliteCatalog(old);
        await catalog.MigrateAsync(default);

        var asset = (await catalog.FindAsync(AssetId.Parse("0123456789abcdef", null), default)).ShouldNotBeNull();
        (asset.Title, asset.Epoch, asset.Revision).ShouldBe(("Old", 2, 0));
        asset.Renditions.ShouldBe([new Rendition("v0", "video", IsEncoded: false, IsListed: true, "h264 High")]);
        (await catalog.AddJobsAsync(asset.Id, [new NewJob(JobKind.Extras, [Work()])], Noon, default)).Count.ShouldBe(1);
        (await catalog.ClaimAsync("w", Urgency.Background, Noon, Lease, default)).ShouldNotBeNull();
    }

    [Fact]
    public void The_words_in_rows_never_change()
    {
        Enum.GetValues<AssetState>().Select(StateNames.Name).ShouldBe(["ready", "needs-transcode", "processing", "failed", "arriving"]);
        Enum.GetValues<JobState>().Select(StateNames.Name)
            .ShouldBe(["queued", "running", "paused", "done", "failed", "cancelled"]);
        Enum.GetValues<WorkState>().Select(StateNames.Name).ShouldBe(["queued", "running", "done", "failed", "cancelled"]);
        Enum.GetValues<JobKind>().Select(StateNames.Name).ShouldBe(["remux", "encode", "extras", "replan", "prepare", "publish", "unpublish"]);
        Should.Throw<InvalidDataException>(() => StateNames.Parse<JobState>("asleep", StateNames.Name));
    }

    [Fact]
    public async Task Looking_for_work_walks_only_what_is_open_however_much_was_done()
    {
        using var connection = new SqliteConnection($"Data Source={File}");
        await connection.OpenAsync();
        using var command = connection.CreateCommand();
        command.CommandText =
            "EXPLAIN QUERY PLAN SELECT id FROM tasks WHERE state IN ('queued', 'running') AND urgency >= 1 ORDER BY urgency DESC, id LIMIT 1";
        using var row = await command.ExecuteReaderAsync();
        (await row.ReadAsync()).ShouldBeTrue();
        row.GetString(3).ShouldContain("tasks_open");
        (await row.ReadAsync()).ShouldBeFalse("nothing is sorted");
    }
}
