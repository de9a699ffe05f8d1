using Microsoft.Data.Sqlite;

namespace Sluice.Server.Catalog;

/// <summary>Files that the server fetches by itself.</summary>
internal sealed partial class SqliteCatalog : IImportCatalog
{
    /// <inheritdoc />
    public Task<Import> AddImportAsync(Import import, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            var open = await ReadOneAsync(
                connection, transaction, $"SELECT {ImportRow.Columns} FROM imports WHERE kind = $kind AND source = $source AND finished_at IS NULL",
                ImportRow.Read, ct, ("$kind", import.Kind.Name()), ("$source", import.Source));
            if (open is not null)
            {
                return open;
            }

            await RunAsync(
                connection, transaction, $"INSERT INTO imports ({ImportRow.Columns}) VALUES ({ImportRow.Parameters(import)})", ct,
                ImportRow.Values(import));
            return import;
        },
        ct);

    /// <inheritdoc />
    public async ValueTask<Import?> FindImportAsync(AssetId id, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ImportAsync(connection, null, id, ct);
    }

    /// <inheritdoc />
    public async ValueTask<Import?> FindImportAsync(ImportKind kind, string source, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadOneAsync(
            connection, null, $"SELECT {ImportRow.Columns} FROM imports WHERE kind = $kind AND source = $source ORDER BY created_at DESC, id DESC LIMIT 1",
            ImportRow.Read, ct, ("$kind", kind.Name()), ("$source", source));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Import>> ListImportsAsync(AssetId? after, int limit, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(
            connection,
            $"""
             SELECT {ImportRow.Columns} FROM imports
             WHERE $after IS NULL OR (created_at, id) < (SELECT created_at, id FROM imports WHERE id = $after)
             ORDER BY created_at DESC, id DESC LIMIT $limit
             """,
            ImportRow.Read, ct, ("$after", after?.Value), ("$limit", limit));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Import>> OpenImportsAsync(ImportKind kind, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(
            connection, $"SELECT {ImportRow.Columns} FROM imports WHERE finished_at IS NULL AND kind = $kind ORDER BY created_at, id",
            ImportRow.Read, ct, ("$kind", kind.Name()));
    }

    /// <inheritdoc />
    public Task<Import?> UpdateImportAsync(AssetId id, Func<Import, Import> change, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            if (await ImportAsync(connection, transaction, id, ct) is not { } old)
            {
                return null;
            }

            var import = change(old);
            await RunAsync(
                connection, transaction, $"UPDATE imports SET ({ImportRow.Columns}) = ({ImportRow.Parameters(import)}) WHERE id = $id", ct,
                ImportRow.Values(import with { Id = id }));
            return import;
        },
        ct);

    /// <inheritdoc />
    public async Task<bool> RemoveImportAsync(AssetId id, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM imports WHERE id = $id AND finished_at IS NOT NULL", ct, ("$id", id.Value)),
        ct) > 0;

    /// <inheritdoc />
    public Task<int> RemoveImportsAsync(DateTimeOffset instant, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM imports WHERE finished_at < $instant", ct, ("$instant", AssetRow.ToMicroseconds(instant))),
        ct);

    private static Task<Import?> ImportAsync(SqliteConnection connection, SqliteTransaction? transaction, AssetId id, CancellationToken ct) =>
        ReadOneAsync(connection, transaction, $"SELECT {ImportRow.Columns} FROM imports WHERE id = $id", ImportRow.Read, ct, ("$id", id.Value));
}
