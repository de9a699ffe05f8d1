using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Views of links. The addresses of a view stand side by side in one text, all of the same length.</summary>
internal abstract partial class SqlCatalog
{
    /// <summary>What a text of one address less than a view may have is shorter than.</summary>
    private const int FullAddresses = ViewClaim.MostAddresses * ViewClaim.AddressChars + ViewClaim.MostAddresses - 1;

    private string OwnView =>
        "SELECT id, addresses, used_at FROM views WHERE link = $link AND program = $program AND used_at > $since "
        + $"AND ({Position}(addresses, $address) > 0 OR (id = $said AND length(addresses) < $full)) ORDER BY id = $said DESC, used_at DESC LIMIT 1";

    /// <inheritdoc />
    public async Task<AssetId?> ClaimViewAsync(ViewClaim claim, CancellationToken ct)
    {
        // Looked at before a turn to write is waited for: whoever asks again and again, with a link that is used up or in whatever names, keeps nobody waiting.
        var (known, isUsedUp) = await ReadAsync(
            async connection =>
            {
                var found = await OwnViewAsync(connection, null, claim, ct);
                return (found, found is null && await AreUsedUpAsync(connection, null, claim, ct));
            },
            ct);
        if (known is null ? isUsedUp : known.Has(claim.Address) && known.UsedAt > claim.Told)
        {
            return known?.Id;
        }

        return await WriteAsync("link " + claim.Link.Value, async (connection, transaction) =>
        {
            if (await OwnViewAsync(connection, transaction, claim, ct) is { } own)
            {
                var addresses = own.Has(claim.Address) ? own.Addresses : $"{own.Addresses} {claim.Address}";
                await RunAsync(
                    connection, transaction, "UPDATE views SET used_at = CASE WHEN used_at > $now THEN used_at ELSE $now END, addresses = $addresses WHERE link = $link AND id = $id", ct,
                    ("$now", AssetRow.ToMicroseconds(claim.Now)), ("$addresses", addresses), ("$link", claim.Link.Value), ("$id", own.Id.Value));
                return own.Id;
            }

            if (await AreUsedUpAsync(connection, transaction, claim, ct))
            {
                return (AssetId?)null;
            }

            var view = AssetId.New();
            await RunAsync(
                connection, transaction,
                "INSERT INTO views (link, id, asset, program, addresses, used_at, ends_at) VALUES ($link, $id, $asset, $program, $address, $now, $ends)", ct,
                ("$link", claim.Link.Value), ("$id", view.Value), ("$asset", claim.Asset.Value), ("$program", claim.Program), ("$address", claim.Address),
                ("$now", AssetRow.ToMicroseconds(claim.Now)), ("$ends", AssetRow.ToMicroseconds(claim.EndsAt)));
            return view;
        }, ct);
    }

    /// <inheritdoc />
    public Task<int> RemoveViewsAsync(DateTimeOffset instant, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM views WHERE ends_at <= $instant", ct, ("$instant", AssetRow.ToMicroseconds(instant))), ct);

    private Task<OwnedView?> OwnViewAsync(DbConnection connection, DbTransaction? transaction, ViewClaim claim, CancellationToken ct) =>
        ReadOneAsync(
            connection, transaction, OwnView, row => new OwnedView(AssetId.Parse(row.GetString(0), null), row.GetString(1), AssetRow.FromMicroseconds(row.GetInt64(2))), ct,
            ("$link", claim.Link.Value), ("$program", claim.Program), ("$since", AssetRow.ToMicroseconds(claim.Since)), ("$address", claim.Address),
            ("$said", claim.Said?.Value ?? ""), ("$full", FullAddresses));

    private static async Task<bool> AreUsedUpAsync(
        DbConnection connection, DbTransaction? transaction, ViewClaim claim, CancellationToken ct) =>
        await ReadOneAsync(
            connection, transaction, "SELECT link FROM views WHERE link = $link LIMIT 1 OFFSET $most - 1", row => row.GetString(0), ct,
            ("$link", claim.Link.Value), ("$most", claim.Most)) is not null;

    private sealed record OwnedView(AssetId Id, string Addresses, DateTimeOffset UsedAt)
    {
        public bool Has(string address) => Addresses.Contains(address, StringComparison.Ordinal);
    }
}
