using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Channels that were made by the API.</summary>
internal abstract partial class SqlCatalog : IChannelCatalog
{
    /// <inheritdoc />
    public Task<IReadOnlyList<ChannelRow>> ListChannelsAsync(CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(connection, $"SELECT {ChannelRow.Columns} FROM channels ORDER BY name", ChannelRow.Read, ct), ct);

    /// <inheritdoc />
    public ValueTask<ChannelRow?> FindChannelAsync(string name, CancellationToken ct) =>
        new(ReadAsync(connection => ChannelAsync(connection, null, name, ct), ct));

    /// <inheritdoc />
    public Task<ChannelRow?> PutChannelAsync(string name, Func<ChannelRow?, ChannelRow?> make, CancellationToken ct) => WriteAsync(
        "channel " + name, async (connection, transaction) =>
        {
            if (make(await ChannelAsync(connection, transaction, name, ct)) is not { } made)
            {
                return null;
            }

            var row = made with { Name = name };
            await RunAsync(
                connection, transaction, Upsert("channels", ChannelRow.Columns, ChannelRow.Parameters, "name"), ct, row.Values());
            return row;
        },
        ct);

    /// <inheritdoc />
    public async Task<bool> RemoveChannelAsync(string name, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(connection, transaction, "DELETE FROM channels WHERE name = $name", ct, ("$name", name)), ct) > 0;

    private static Task<ChannelRow?> ChannelAsync(DbConnection connection, DbTransaction? transaction, string name, CancellationToken ct) =>
        ReadOneAsync(connection, transaction, $"SELECT {ChannelRow.Columns} FROM channels WHERE name = $name", ChannelRow.Read, ct, ("$name", name));
}
