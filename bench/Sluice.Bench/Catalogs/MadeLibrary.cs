using System.Data.Common;
using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Catalogs;

/// <summary>A library as it is after years: so many titles, each with its tracks, its renditions and a job with a task; of the last ones the job is still to be done.</summary>
/// <param name="Id">An id of a title, of <c>i</c>, in the words of the database.</param>
/// <param name="Number"><c>i</c> with leading zeros.</param>
/// <param name="Bytes">The same as bytes.</param>
/// <param name="Series">Numbers from 1 on as a table <c>n(i)</c>: before the statement, or behind its <c>FROM</c>.</param>
/// <param name="AtRest">Statements after all that.</param>
internal sealed record MadeLibrary(string Id, string Number, string Bytes, (string Before, string Behind) Series, params string[] AtRest)
{
    private const string Assets =
        """
        INSERT INTO assets (id, title, file_name, state, origin, size_bytes, duration_seconds, version, tracks, renditions, created_at, updated_at, epoch, admin_key_hash, sha256, title_key, search_text)
        SELECT {id}, 'Film ' || i, 'film-' || i || '.mp4', 'ready', 'native', 1000000 + i, 60 + i * 37 % 10800, 'abcdef012345',
          '[{"id":"v0","kind":"video","description":"h264 High 1920x1080","action":"copy","reason":"plays as it is","codecs":"avc1.640028"},'
          || '{"id":"a0","kind":"audio","description":"aac LC stereo","action":"copy","reason":"plays as it is","codecs":"mp4a.40.2"}]',
          '[{"id":"v0","kind":"video","isEncoded":false,"isListed":true,"description":"H.264 1920x1080"},'
          || '{"id":"v1","kind":"video","isEncoded":true,"isListed":true,"description":"H.264 1280x720, up to 2.8 Mbit/s"},'
          || '{"id":"v2","kind":"video","isEncoded":true,"isListed":true,"description":"H.264 854x480, up to 1.4 Mbit/s"},'
          || '{"id":"a0","kind":"audio","isEncoded":false,"isListed":true,"description":"AAC stereo"}]',
          1700000000000000 + i * 1000000, 1700000000000000 + i * 1000000, 0, {bytes}, {bytes},
          'film ' || {number}, 'film ' || i || ' film-' || i || '.mp4'
        FROM n
        """;

    private const string Jobs =
        """
        INSERT INTO jobs (id, asset, kind, state, created_at, updated_at, finished_at)
        SELECT {id}, {id}, 'encode', CASE WHEN i > {titles} - {open} THEN 'queued' ELSE 'done' END, i, i, CASE WHEN i > {titles} - {open} THEN NULL ELSE i END FROM n
        """;

    private const string Tasks =
        """
        INSERT INTO tasks (job, asset, kind, urgency, first_chunk, end_chunk, renditions, state, not_before)
        SELECT {id}, {id}, 'encode', i % 3, 1, 9, '', CASE WHEN i > {titles} - {open} THEN 'queued' ELSE 'done' END, 1 FROM n
        """;

    /// <summary>Of the next tasks to be done, so many are of jobs that are paused from now on.</summary>
    public const string Pause =
        """
        UPDATE jobs SET state = 'paused'
        WHERE id IN (SELECT job FROM tasks WHERE state = 'queued' ORDER BY urgency DESC, id LIMIT {paused})
        """;

    /// <summary>Numbers by which tables are made.</summary>
    /// <param name="titles">How many.</param>
    public static MadeLibrary OfSqlite(int titles) => new(
        "printf('%016d', i * 7919 % 1000003)", "printf('%010d', i)", "CAST(printf('%032d', i) AS BLOB)",
        ($"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {titles}) ", "n"), "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)");

    /// <inheritdoc cref="OfSqlite" />
    public static MadeLibrary OfPostgres(int titles) => new(
        "lpad((i * 7919 % 1000003)::text, 16, '0')", "lpad(i::text, 10, '0')", "convert_to(lpad(i::text, 32, '0'), 'UTF8')",
        ("", $"generate_series(1::bigint, {titles}) AS n(i)"), "VACUUM ANALYZE", "CHECKPOINT");

    /// <summary>The id of a title as <see cref="Id"/> writes it.</summary>
    public static string IdOf(long i) => (i * 7919 % 1000003).ToString("d16", CultureInfo.InvariantCulture);

    /// <summary>Fills an empty catalog.</summary>
    public async Task FillAsync(DbConnection connection, int titles, int open)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var sql in (string[])[Assets, Jobs, Tasks])
        {
            await RunAsync(
                connection,
                Series.Before + sql.Replace("{id}", Id, StringComparison.Ordinal).Replace("{bytes}", Bytes, StringComparison.Ordinal).Replace("{number}", Number, StringComparison.Ordinal)
                    .Replace("{titles}", $"{titles}", StringComparison.Ordinal).Replace("{open}", $"{open}", StringComparison.Ordinal)
                    .Replace("FROM n", "FROM " + Series.Behind, StringComparison.Ordinal));
        }

        foreach (var sql in AtRest)
        {
            await RunAsync(connection, sql);
        }

        await Console.Error.WriteLineAsync($"bench: filled in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
    }

    /// <summary>Runs a statement of ours, for as long as it takes.</summary>
    public static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
#pragma warning disable CA2100 // Made of constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
