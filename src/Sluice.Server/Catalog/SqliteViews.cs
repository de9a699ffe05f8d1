using Microsoft.Data.Sqlite;

namespace Sluice.Server.Catalog;

/// <summary>Views of links.</summary>
internal sealed partial class SqliteCatalog
{
    private const string OwnView =
        "SELECT id, begun_at FROM views WHERE link = $link AND client = $client AND begun_at > $since ORDER BY begun_at DESC LIMIT 1";

    /// <inheritdoc />
    public async Task<LinkView?> ClaimViewAsync(ViewClaim claim, CancellationToken ct)
    {
        // Looked at before a turn to write is waited for: whoever asks again and again with a link that is used up keeps nobody waiting.
        await using (var connection = await OpenAsync(ct))
        {
            if (await OwnViewAsync(connection, null, claim, ct) is { } own)
            {
                return own;
            }

            if (await AreUsedUpAsync(connection, null, claim, ct))
            {
                return null;
            }
        }

        return await WriteAsync(async (connection, transaction) =>
        {
            if (await OwnViewAsync(connection, transaction, claim, ct) is { } own)
            {
                return own;
            }

            if (await AreUsedUpAsync(connection, transaction, claim, ct))
            {
                return null;
            }

            var view = new LinkView(AssetId.New(), claim.Now);
            await RunAsync(
                connection, transaction,
                "INSERT INTO views (link, id, asset, client, begun_at, ends_at) VALUES ($link, $id, $asset, $client, $begun, $ends)", ct,
                ("$link", claim.Link.Value), ("$id", view.Id.Value), ("$asset", claim.Asset.Value), ("$client", claim.Client),
                ("$begun", AssetRow.ToMicroseconds(claim.Now)), ("$ends", AssetRow.ToMicroseconds(claim.EndsAt)));
            return view;
        }, ct);
    }

    /// <inheritdoc />
    public async ValueTask<DateTimeOffset?> FindViewAsync(AssetId link, AssetId view, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return (await ReadOneAsync(
            connection, null, "SELECT id, begun_at FROM views WHERE link = $link AND id = $id", ReadView, ct, ("$link", link.Value), ("$id", view.Value)))?.BegunAt;
    }

    /// <inheritdoc />
    public Task<int> RemoveViewsAsync(DateTimeOffset instant, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM views WHERE ends_at <= $instant", ct, ("$instant", AssetRow.ToMicroseconds(instant))), ct);

    private static Task<LinkView?> OwnViewAsync(SqliteConnection connection, SqliteTransaction? transaction, ViewClaim claim, CancellationToken ct) =>
        ReadOneAsync(
            connection, transaction, OwnView, ReadView, ct,
            ("$link", claim.Link.Value), ("$client", claim.Client), ("$since", AssetRow.ToMicroseconds(claim.Since)));

    private static async Task<bool> AreUsedUpAsync(
        SqliteConnection connection, SqliteTransaction? transaction, ViewClaim claim, CancellationToken ct) =>
        await ReadOneAsync(
            connection, transaction, "SELECT link FROM views WHERE link = $link LIMIT 1 OFFSET $most - 1", row => row.GetString(0), ct,
            ("$link", claim.Link.Value), ("$most", claim.Most)) is not null;

    private static LinkView ReadView(SqliteDataReader row) =>
        new(AssetId.Parse(row.GetString(0), null), AssetRow.FromMicroseconds(row.GetInt64(1)));
}
