using System.Collections.Concurrent;
using Npgsql;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;

namespace Sluice.Server.Tests.Catalog.Versions;

/// <summary>
/// A node of the first version that had PostgreSQL, at work: its statements as they were then. They are not changed with the program, since that version is not
/// either; a step that breaks them is not additive.
/// </summary>
internal sealed class OlderNode : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _lanes = [];
    private readonly ConcurrentBag<TimeSpan> _times = [];
    private NpgsqlConnection? _presence;
    private long _titles;
    private long _tasks;

    private OlderNode(PostgresAddress address) => _source = NpgsqlDataSource.Create(address.ConnectionString);

    /// <summary>Titles that it added.</summary>
    public long Titles => Interlocked.Read(ref _titles);

    /// <summary>Tasks that it did.</summary>
    public long Tasks => Interlocked.Read(ref _tasks);

    /// <summary>The longest that one of its transactions took.</summary>
    public TimeSpan Longest => _times.Max();

    public static async Task<OlderNode> StartAsync(PostgresAddress address)
    {
        var node = new OlderNode(address) { _presence = new NpgsqlConnection(address.ConnectionString) };
        await node._presence.OpenAsync();
        await PostgresPresence.ShareAsync(node._presence, default);
        node._lanes.AddRange(Enumerable.Range(0, 3).Select(_ => Task.Run(node.WorkAsync)));
        return node;
    }

    /// <summary>Ends it; what went wrong comes out here.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_lanes);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_lanes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (_presence?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _source.DisposeAsync();
        _end.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            var id = AssetId.New().Value;
            await TransactAsync(
                """
                INSERT INTO assets (id, title, file_name, state, reason, origin, size_bytes, duration_seconds, version, tracks, created_at, updated_at, expires_at, expiry_minutes,
                  tokens_refreshed_at, epoch, admin_key_hash, renditions, revision, extras, sha256, owner, allowed_origins, segment_secret, title_key, search_text)
                VALUES ($1, 'Old', 'old.mp4', 'ready', NULL, 'upload', 10, 1, 'v', '[]', 1700000000000000, 1700000000000000, NULL, NULL, NULL, 1, ''::bytea, '[]', 0, NULL, NULL, NULL, NULL, NULL, 'old', 'old')
                """, id);
            await TransactAsync(
                "INSERT INTO jobs (id, asset, kind, state, progress, reason, log, created_at, updated_at, finished_at) VALUES ($1, $1, 'encode', 'queued', NULL, NULL, NULL, 1, 1, NULL)", id);
            await TransactAsync(
                """
                INSERT INTO tasks (job, asset, kind, urgency, first_chunk, end_chunk, renditions, state, not_before) VALUES ($1, $1, 'encode', 3, 0, 0, '', 'paused', 0)
                """, id);
            Interlocked.Increment(ref _titles);
            if (await TransactAsync(
                """
                UPDATE tasks SET state = 'running', owner = 'old', lease_until = 9000000000000000, fence = nextval('fences'), attempts = attempts + 1
                WHERE id = (SELECT id FROM tasks WHERE state = 'paused' AND asset = $1 ORDER BY urgency DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED)
                """, id) == 1)
            {
                await TransactAsync("UPDATE tasks SET state = 'done', owner = NULL, lease_until = NULL WHERE asset = $1", id);
                await TransactAsync("UPDATE jobs SET state = 'done', updated_at = 2, finished_at = 2 WHERE id = $1", id);
                Interlocked.Increment(ref _tasks);
            }

            await TransactAsync("UPDATE assets SET title = 'Older', title_key = 'older', epoch = epoch + 1 WHERE id = $1", id);
            await Task.Delay(10);
        }
    }

    /// <summary>As <c>PostgresCatalog</c> did: with a mark, and with five seconds for each statement.</summary>
    private async Task<int> TransactAsync(string sql, string id)
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var connection = await _source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
#pragma warning disable CA2100 // The statements above.
        await using var command = new NpgsqlCommand(sql, connection, transaction) { Parameters = { new NpgsqlParameter<string> { TypedValue = id } } };
#pragma warning restore CA2100
        var rows = await command.ExecuteNonQueryAsync();
        await using var mark = new NpgsqlCommand("INSERT INTO commits (id) VALUES ($1)", connection, transaction) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = Guid.NewGuid() } } };
        await mark.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        _times.Add(TimeProvider.System.GetElapsedTime(began));
        return rows;
    }
}
