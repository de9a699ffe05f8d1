using Microsoft.Data.Sqlite;

namespace Sluice.Server.Catalog;

/// <summary>Channels that were made by the API.</summary>
internal sealed partial class SqliteCatalog : IChannelCatalog
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<ChannelRow>> ListChannelsAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(connection, $"SELECT {ChannelRow.Columns} FROM channels ORDER BY name", ChannelRow.Read, ct);
    }

    /// <inheritdoc />
    public async ValueTask<ChannelRow?> FindChannelAsync(string name, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ChannelAsync(connection, null, name, ct);
    }

    /// <inheritdoc />
    public Task<ChannelRow?> PutChannelAsync(string name, Func<ChannelRow?, ChannelRow?> make, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            if (make(await ChannelAsync(connection, transaction, name, ct)) is not { } made)
            {
                return null;
            }

            var row = made with { Name = name };
            await RunAsync(
                connection, transaction, $"INSERT OR REPLACE INTO channels ({ChannelRow.Columns}) VALUES ({ChannelRow.Parameters})", ct, row.Values());
            return row;
        },
        ct);

    /// <inheritdoc />
    public async Task<bool> RemoveChannelAsync(string name, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(connection, transaction, "DELETE FROM channels WHERE name = $name", ct, ("$name", name)), ct) > 0;

    private static Task<ChannelRow?> ChannelAsync(SqliteConnection connection, SqliteTransaction? transaction, string name, CancellationToken ct) =>
        ReadOneAsync(connection, transaction, $"SELECT {ChannelRow.Columns} FROM channels WHERE name = $name", ChannelRow.Read, ct, ("$name", name));
}
