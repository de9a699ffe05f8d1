using System.Data;
using System.Data.Common;
using Npgsql;

namespace Sluice.Server.Catalog.Postgres;

/// <summary>
/// The catalog in a PostgreSQL database, which several nodes may share. A lost connection is survived: what was asked is asked again on another one,
/// for a while.
/// <code>
///   read    ask ─▶ lost ─▶ ask again
///   write   begin ─▶ work ─▶ mark ─▶ commit ─▶ lost: is the mark there?   yes: done      no: nothing of it happened, and never will; again
/// </code>
/// The mark is a row of its own (<c>commits</c>), written with the rest. So no write is done twice, and none is taken for lost that was kept.
/// </summary>
internal sealed partial class PostgresCatalog : SqlCatalog, ICatalog, IDisposable, IAsyncDisposable
{
    private const int NoSpaceLeft = 28; // ENOSPC, as a file system would say it

    /// <summary>Transactions between two sweeps (<see cref="PostgresSchema.Sweep"/>).</summary>
    private const int SweepEvery = 500;

    /// <summary>When it is known that nobody answers: enough to get past connections that a restart left behind.</summary>
    private static readonly TimeSpan PatienceInTrouble = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _source;
    private readonly DatabaseClock _there;
    private readonly PostgresPresence _presence;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience;
    private string? _trouble;
    private int _writes;

    /// <param name="address">Where the database is.</param>
    /// <param name="clock">The time of this machine.</param>
    /// <param name="patience">How long what is lost is tried again; null for what a waiting viewer can bear.</param>
    /// <param name="steps">Those of the schema that are known; null for all.</param>
    public PostgresCatalog(PostgresAddress address, TimeProvider clock, TimeSpan? patience = null, IReadOnlyList<PostgresStep>? steps = null)
    {
        _steps = steps ?? PostgresMigrations.Steps;
        (Address, _clock, _there, _presence) = (address, clock, new DatabaseClock(clock), new PostgresPresence(this));
        _patience = patience ?? TimeSpan.FromSeconds(8);
        Node = $"sluice-{Guid.NewGuid():n}"[..19];
        var builder = new NpgsqlSlimDataSourceBuilder(address.ConnectionString);
        builder.ConnectionStringBuilder.ApplicationName = Node;
        builder.EnableTransportSecurity();
        _source = builder.Build();
    }

    /// <summary>Where it is.</summary>
    public PostgresAddress Address { get; }

    /// <summary>Tells this node's connections from those of others.</summary>
    public string Node { get; }

    /// <inheritdoc />
    public string? Trouble => Volatile.Read(ref _trouble);

    private protected override string RowLock => " FOR UPDATE";

    private protected override string FreeRowLock => " FOR UPDATE SKIP LOCKED";

    private protected override string Position => "strpos";

    private protected override string NextFence => "nextval('fences')";

    private protected override TimeSpan Ahead => _there.Ahead;

    /// <inheritdoc />
    public Task<CatalogEntry> EnterAsync(CancellationToken ct) => PersistAsync(() => _presence.EnterAsync(ct), ct);

    /// <inheritdoc />
    /// <remarks>Whatever was committed is on the disk of the database already.</remarks>
    public override Task FlushAsync(CancellationToken ct) => Task.CompletedTask;

    /// <summary>A connection of its own, for who listens or copies.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        var connection = await _source.OpenConnectionAsync(ct);
        try
        {
            if (_there.IsStale)
            {
                await using var command = new NpgsqlCommand("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)", connection);
                _there.Set(AssetRow.FromMicroseconds((long)(await command.ExecuteScalarAsync(ct))!));
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _presence.Dispose();
        _source.Dispose();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _presence.Dispose();
        return _source.DisposeAsync();
    }

    /// <summary>Says whether the database answers, when somebody has found out.</summary>
    public void Note(Exception? loss) => Volatile.Write(ref _trouble, loss is null ? null : PostgresTrouble.Sentence(loss));

    private protected override Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken ct) => PersistAsync(
        async () =>
        {
            await using var connection = await OpenAsync(ct);
            return await read(connection);
        },
        ct);

    private protected override Task<T> WriteAsync<T>(string? alone, Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken ct) =>
        PersistAsync(() => TransactAsync(alone, work, ct), ct);

    private async Task<T> TransactAsync<T>(string? alone, Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken ct)
    {
        var mark = Guid.CreateVersion7(_clock.GetUtcNow());
        var isCommitting = false;
        T result = default!;
        try
        {
            await using var connection = await OpenAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
            if (alone is not null)
            {
                await RunAsync(connection, transaction, "SELECT pg_advisory_xact_lock(hashtextextended($alone, 0))", ct, ("$alone", alone));
            }

            result = await work(connection, transaction);
            await MarkAsync(connection, transaction, mark, ct);
            isCommitting = true;
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        }
        catch (Exception e) when (isCommitting && PostgresTrouble.IsLoss(e))
        {
            if (await PersistAsync(() => WasCommittedAsync(mark), CancellationToken.None))
            {
                return result;
            }

            throw;
        }
        catch (PostgresException e) when (PostgresTrouble.IsDiskFull(e))
        {
            throw new IOException("No space left on the device of the catalog's database.", NoSpaceLeft);
        }
    }

    /// <summary>Only where something was written: a look that found nothing to do costs no write.</summary>
    private async Task MarkAsync(DbConnection connection, DbTransaction transaction, Guid mark, CancellationToken ct)
    {
        await RunAsync(
            connection, transaction, "INSERT INTO commits (id) SELECT $mark WHERE pg_current_xact_id_if_assigned() IS NOT NULL", ct, ("$mark", mark));
        if (Interlocked.Increment(ref _writes) % SweepEvery == 0)
        {
            await RunAsync(connection, transaction, PostgresSchema.Sweep, ct);
        }
    }

    /// <summary>Sets the mark itself. That waits for a transaction that is about to set it, and fails when one has; if it does not fail, that one never can.</summary>
    private async Task<bool> WasCommittedAsync(Guid mark)
    {
        await using var connection = await OpenAsync(CancellationToken.None);
        return await RunAsync(
            connection, null, "INSERT INTO commits (id) VALUES ($mark) ON CONFLICT DO NOTHING", CancellationToken.None, ("$mark", mark)) == 0;
    }

    /// <summary>Tries again what a lost connection or another transaction was in the way of. When it is known that nobody answers, it is soon given up.</summary>
    /// <exception cref="CatalogUnreachableException">It did not go better for a while.</exception>
    private async Task<T> PersistAsync<T>(Func<Task<T>> attempt, CancellationToken ct)
    {
        var began = _clock.GetTimestamp();
        var patience = Trouble is null || _patience < PatienceInTrouble ? _patience : PatienceInTrouble;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                var result = await attempt();
                Note(null);
                return result;
            }
            catch (Exception e) when (PostgresTrouble.IsRefusal(e))
            {
                Note(e);
                throw Unreachable(e);
            }
            catch (Exception e) when (PostgresTrouble.IsLoss(e) && !ct.IsCancellationRequested)
            {
                if (_clock.GetElapsedTime(began) + pause > patience)
                {
                    Note(e);
                    throw Unreachable(e);
                }
            }
            catch (Exception e) when (PostgresTrouble.IsConflict(e) && _clock.GetElapsedTime(began) + pause <= _patience)
            {
                // Again after a pause: the other one was let through.
            }

            await Task.Delay(pause, _clock, ct);
        }
    }

    private static CatalogUnreachableException Unreachable(Exception e) => new($"The catalog cannot be reached: {PostgresTrouble.Sentence(e)}.", e);
}
