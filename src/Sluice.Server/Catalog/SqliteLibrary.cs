using Microsoft.Data.Sqlite;

namespace Sluice.Server.Catalog;

/// <summary>Lists of the library: part of it, in an order, page after page.</summary>
internal sealed partial class SqliteCatalog
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<Asset>> ListAsync(LibraryQuery query, AssetId? after, int limit, CancellationToken ct)
    {
        var (column, isDescending) = ColumnOf(query.Order);
        var direction = isDescending ? "DESC" : "ASC";
        var from = after is null
            ? ""
            : $" AND ({column}, id) {(isDescending ? '<' : '>')} (SELECT {column}, id FROM assets WHERE id = $after)";
        var (filter, values) = FilterOf(query);
        values.Add(("$limit", limit));
        if (after is { } last)
        {
            values.Add(("$after", last.Value));
        }

        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(
            connection,
            $"SELECT {AssetRow.Columns} FROM assets WHERE {filter}{from} ORDER BY {column} {direction}, id {direction} LIMIT $limit",
            AssetRow.Read, ct, [.. values]);
    }

    /// <inheritdoc />
    public async Task<int> CountAsync(LibraryQuery query, CancellationToken ct)
    {
        var (filter, values) = FilterOf(query);
        await using var connection = await OpenAsync(ct);
        await using var command = Command(connection, null, $"SELECT count(*) FROM assets WHERE {filter}", [.. values]);
        return Convert.ToInt32(await command.ExecuteScalarAsync(ct), null);
    }

    /// <inheritdoc />
    public async Task<long> SourceBytesAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var command = Command(connection, null, "SELECT coalesce(sum(size_bytes), 0) FROM assets WHERE owner IS NULL", []);
        return Convert.ToInt64(await command.ExecuteScalarAsync(ct), null);
    }

    private static (string Column, bool IsDescending) ColumnOf(LibraryOrder order) => order switch
    {
        LibraryOrder.Newest => ("created_at", true),
        LibraryOrder.Oldest => ("created_at", false),
        LibraryOrder.Title => ("title_key", false),
        LibraryOrder.Longest => ("duration_seconds", true),
        LibraryOrder.Largest => ("size_bytes", true),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    /// <summary>The condition, of our own names alone, and its values.</summary>
    private static (string Filter, List<(string Name, object? Value)> Values) FilterOf(LibraryQuery query)
    {
        var filter = new List<string> { "owner IS NULL" };
        var values = new List<(string, object?)>();
        foreach (var (n, word) in query.Words.Index())
        {
            filter.Add($"instr(search_text, $word{n}) > 0");
            values.Add(($"$word{n}", word));
        }

        if (query.States.Count > 0)
        {
            filter.Add($"state IN ({string.Join(", ", query.States.Select((_, n) => $"$state{n}"))})");
            values.AddRange(query.States.Select((state, n) => ($"$state{n}", (object?)state.Name())));
        }

        return (string.Join(" AND ", filter), values);
    }
}
