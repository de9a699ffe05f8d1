using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Files that the server fetches by itself.</summary>
internal abstract partial class SqlCatalog : IImportCatalog
{
    /// <inheritdoc />
    public Task<Import> AddImportAsync(Import import, CancellationToken ct) => WriteAsync(
        $"import {import.Kind.Name()} {import.Source}", async (connection, transaction) =>
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
    public ValueTask<Import?> FindImportAsync(AssetId id, CancellationToken ct) =>
        new(ReadAsync(connection => ImportAsync(connection, null, id, "", ct), ct));

    /// <inheritdoc />
    public ValueTask<Import?> FindImportAsync(ImportKind kind, string source, CancellationToken ct) => new(ReadAsync(
        connection => ReadOneAsync(
            connection, null, $"SELECT {ImportRow.Columns} FROM imports WHERE kind = $kind AND source = $source ORDER BY created_at DESC, id DESC LIMIT 1",
            ImportRow.Read, ct, ("$kind", kind.Name()), ("$source", source)), ct));

    /// <inheritdoc />
    public Task<IReadOnlyList<Import>> ListImportsAsync(AssetId? after, int limit, CancellationToken ct)
    {
        var later = after is null ? "" : " WHERE (created_at, id) < (SELECT created_at, id FROM imports WHERE id = $after)";
        return ReadAsync(
            connection => ReadAllAsync(
                connection, $"SELECT {ImportRow.Columns} FROM imports{later} ORDER BY created_at DESC, id DESC LIMIT $limit", ImportRow.Read, ct,
                ("$after", after?.Value), ("$limit", limit)),
            ct);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Import>> OpenImportsAsync(ImportKind kind, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection, $"SELECT {ImportRow.Columns} FROM imports WHERE finished_at IS NULL AND kind = $kind ORDER BY created_at, id",
            ImportRow.Read, ct, ("$kind", kind.Name())), ct);

    /// <inheritdoc />
    public Task<Import?> UpdateImportAsync(AssetId id, Func<Import, Import> change, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            if (await ImportAsync(connection, transaction, id, RowLock, ct) is not { } old)
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

    private static Task<Import?> ImportAsync(
        DbConnection connection, DbTransaction? transaction, AssetId id, string rowLock, CancellationToken ct) =>
        ReadOneAsync(connection, transaction, $"SELECT {ImportRow.Columns} FROM imports WHERE id = $id{rowLock}", ImportRow.Read, ct, ("$id", id.Value));
}
