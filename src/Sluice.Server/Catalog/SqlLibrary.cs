namespace Sluice.Server.Catalog;

/// <summary>Lists of the library: part of it, in an order, page after page.</summary>
internal abstract partial class SqlCatalog
{
    /// <inheritdoc />
    public Task<IReadOnlyList<Asset>> ListAsync(LibraryQuery query, AssetId? after, int limit, CancellationToken ct)
    {
        var (column, isDescending) = ColumnOf(query.Order);
        var direction = isDescending ? "DESC" : "ASC";
        var from = after is null
            ? ""
            : $" AND ({column}, id) {(isDescending ? '<' : '>')} (SELECT {column}, id FROM assets WHERE id = $after)";
        var (filter, values) = FilterOf(query);
        values.Add(("$limit", limit));
        values.Add(("$after", after?.Value));
        return ReadAsync(
            connection => ReadAllAsync(
                connection,
                $"SELECT {AssetRow.Columns} FROM assets WHERE {filter}{from} ORDER BY {column} {direction}, id {direction} LIMIT $limit",
                AssetRow.Read, ct, [.. values]),
            ct);
    }

    /// <inheritdoc />
    public async Task<int> CountAsync(LibraryQuery query, CancellationToken ct)
    {
        var (filter, values) = FilterOf(query);
        return (int)await NumberAsync($"SELECT count(*) FROM assets WHERE {filter}", ct, [.. values]);
    }

    /// <inheritdoc />
    public Task<long> SourceBytesAsync(CancellationToken ct) =>
        NumberAsync("SELECT CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM assets WHERE owner IS NULL", ct);

    /// <summary>The one number that a statement answers.</summary>
    private Task<long> NumberAsync(string sql, CancellationToken ct, params (string Name, object? Value)[] values) => ReadAsync(
        async connection => (await ReadAllAsync(connection, sql, row => row.GetInt64(0), ct, values))[0], ct);

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
    private (string Filter, List<(string Name, object? Value)> Values) FilterOf(LibraryQuery query)
    {
        var filter = new List<string> { "owner IS NULL" };
        var values = new List<(string, object?)>();
        foreach (var (n, word) in query.Words.Index())
        {
            filter.Add($"{Position}(search_text, $word{n}) > 0");
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
