using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Views of links.</summary>
internal abstract partial class SqlCatalog
{
    private const string OwnView =
        "SELECT id, begun_at FROM views WHERE link = $link AND client = $client AND begun_at > $since ORDER BY begun_at DESC LIMIT 1";

    /// <inheritdoc />
    public async Task<LinkView?> ClaimViewAsync(ViewClaim claim, CancellationToken ct)
    {
        // Looked at before a turn to write is waited for: whoever asks again and again with a link that is used up keeps nobody waiting.
        var (known, areUsedUp) = await ReadAsync(
            async connection => await OwnViewAsync(connection, null, claim, ct) is { } found
                ? (found, false)
                : ((LinkView?)null, await AreUsedUpAsync(connection, null, claim, ct)),
            ct);
        if (known is not null || areUsedUp)
        {
            return known;
        }

        return await WriteAsync("link " + claim.Link.Value, async (connection, transaction) =>
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
    public async ValueTask<DateTimeOffset?> FindViewAsync(AssetId link, AssetId view, CancellationToken ct) => (await ReadAsync(
        connection => ReadOneAsync(
            connection, null, "SELECT id, begun_at FROM views WHERE link = $link AND id = $id", ReadView, ct, ("$link", link.Value), ("$id", view.Value)),
        ct))?.BegunAt;

    /// <inheritdoc />
    public Task<int> RemoveViewsAsync(DateTimeOffset instant, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM views WHERE ends_at <= $instant", ct, ("$instant", AssetRow.ToMicroseconds(instant))), ct);

    private static Task<LinkView?> OwnViewAsync(DbConnection connection, DbTransaction? transaction, ViewClaim claim, CancellationToken ct) =>
        ReadOneAsync(
            connection, transaction, OwnView, ReadView, ct,
            ("$link", claim.Link.Value), ("$client", claim.Client), ("$since", AssetRow.ToMicroseconds(claim.Since)));

    private static async Task<bool> AreUsedUpAsync(
        DbConnection connection, DbTransaction? transaction, ViewClaim claim, CancellationToken ct) =>
        await ReadOneAsync(
            connection, transaction, "SELECT link FROM views WHERE link = $link LIMIT 1 OFFSET $most - 1", row => row.GetString(0), ct,
            ("$link", claim.Link.Value), ("$most", claim.Most)) is not null;

    private static LinkView ReadView(DbDataReader row) =>
        new(AssetId.Parse(row.GetString(0), null), AssetRow.FromMicroseconds(row.GetInt64(1)));
}
