using Microsoft.Data.Sqlite;

namespace Sluice.Server.Catalog;

/// <summary>
/// Moves what was committed from the write-ahead log into the file, beside the writers. SQLite's own checkpoints are made by
/// whoever commits the thousandth page, with the flushes of both files (sqlite.org/wal.html section 3.1): one claim of a
/// task in fifty waited several times as long as all others.
/// </summary>
internal sealed class SqliteCheckpoints(string connectionString) : IDisposable
{
    /// <summary>The pragma of every connection: if what is beside the writers does not keep up, the log ends at 64 MB and a writer does it after all.</summary>
    public const string OfWriters = "PRAGMA wal_autocheckpoint = 16000";

    private const int Commits = 100;

    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private int _since;
    private bool _over;

    /// <summary>Tells that something was committed; returns at once.</summary>
    public void Committed()
    {
        lock (_gate)
        {
            if (++_since < Commits || !_running.IsCompleted || _over)
            {
                return;
            }

            _since = 0;
            _running = Task.Run(Checkpoint);
        }
    }

    /// <summary>Waits for the one that runs; there are none after it.</summary>
    public void Dispose()
    {
        Task running;
        lock (_gate)
        {
            _over = true;
            running = _running;
        }

        running.Wait();
    }

    private void Checkpoint()
    {
        try
        {
            using var connection = new SqliteConnection(connectionString);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"{OfWriters}; PRAGMA synchronous = NORMAL; PRAGMA wal_checkpoint(PASSIVE)";
            command.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // A full disk, for one. All of it is in the log, and tried again with the next commits, as SQLite does with its own.
        }
    }
}
