using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Where titles are published.</summary>
internal abstract partial class SqlCatalog : IPublicationCatalog
{
    private const string PublicationColumns = "asset, target, form, name, job, bytes, note, created_at, published_at";

    /// <inheritdoc />
    public Task<(Publication Row, bool IsBegun)?> BeginPublicationAsync(
        Publication publication, NewJob job, DateTimeOffset now, CancellationToken ct) => WriteAsync(
        OfAsset(publication.Asset), async (connection, transaction) =>
        {
            if (await FindAsync(connection, transaction, publication.Asset, ct) is null)
            {
                return ((Publication, bool)?)null;
            }

            var open = await ReadOneAsync(
                connection, transaction,
                $"""
                 SELECT {PublicationColumns} FROM publications p
                 WHERE asset = $asset AND target = $target AND EXISTS (SELECT 1 FROM jobs j WHERE j.id = p.job AND j.finished_at IS NULL)
                 """,
                ReadPublication, ct, ("$asset", publication.Asset.Value), ("$target", publication.Target));
            if (open is not null)
            {
                return (open, false);
            }

            var made = await InsertJobsAsync(connection, transaction, publication.Asset, [job], now, ct);
            var row = publication with { JobId = made[0].Id };
            await SetPublicationAsync(connection, transaction, row, ct);
            return (row, true);
        },
        ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<Publication>> ListPublicationsAsync(AssetId asset, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection, $"SELECT {PublicationColumns} FROM publications WHERE asset = $asset ORDER BY created_at, target", ReadPublication, ct,
            ("$asset", asset.Value)), ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<Publication>> ListPublishedAsync(string target, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection,
            $"""
             SELECT {PublicationColumns} FROM publications p
             WHERE target = $target AND published_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = p.job AND j.kind = $unpublish)
             ORDER BY created_at, asset
             """,
            ReadPublication, ct, ("$target", target), ("$unpublish", JobKind.Unpublish.Name())),
        ct);

    /// <inheritdoc />
    public Task<Publication?> FindPublicationAsync(string jobId, CancellationToken ct) => ReadAsync(
        connection => FindPublicationAsync(connection, null, jobId, "", ct), ct);

    /// <inheritdoc />
    public Task EndPublicationAsync(string jobId, Func<Publication, Publication?> change, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            if (await FindPublicationAsync(connection, transaction, jobId, RowLock, ct) is not { } old)
            {
                return 0;
            }

            return change(old) is { } row
                ? await SetPublicationAsync(connection, transaction, row with { Asset = old.Asset, Target = old.Target, JobId = jobId }, ct)
                : await RunAsync(connection, transaction, "DELETE FROM publications WHERE job = $job", ct, ("$job", jobId));
        },
        ct);

    private static Task<Publication?> FindPublicationAsync(
        DbConnection connection, DbTransaction? transaction, string jobId, string rowLock, CancellationToken ct) => ReadOneAsync(
        connection, transaction, $"SELECT {PublicationColumns} FROM publications WHERE job = $job{rowLock}", ReadPublication, ct, ("$job", jobId));

    private static Task<int> SetPublicationAsync(
        DbConnection connection, DbTransaction transaction, Publication row, CancellationToken ct) => RunAsync(
        connection, transaction,
        Upsert(
            "publications", PublicationColumns, "$asset, $target, $form, $name, $job, $bytes, $note, $created_at, $published_at", "asset, target"),
        ct,
        ("$asset", row.Asset.Value), ("$target", row.Target), ("$form", row.Form.Name()), ("$name", row.Name), ("$job", row.JobId),
        ("$bytes", row.Bytes), ("$note", row.Note), ("$created_at", AssetRow.ToMicroseconds(row.CreatedAt)),
        ("$published_at", row.PublishedAt is { } at ? AssetRow.ToMicroseconds(at) : null));

    private static Publication ReadPublication(DbDataReader row) => new()
    {
        Asset = AssetId.Parse(row.GetString(0), null),
        Target = row.GetString(1),
        Form = StateNames.Parse<PublicationForm>(row.GetString(2), StateNames.Name),
        Name = row.GetString(3),
        JobId = row.GetString(4),
        Bytes = row.GetInt64(5),
        Note = row.IsDBNull(6) ? null : row.GetString(6),
        CreatedAt = AssetRow.FromMicroseconds(row.GetInt64(7)),
        PublishedAt = row.IsDBNull(8) ? null : AssetRow.FromMicroseconds(row.GetInt64(8)),
    };
}
