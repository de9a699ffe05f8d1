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
        var isCounted = query.Words.Count == 0;
        return (int)await NumberAsync(isCounted ? $"{SumOf("titles")} WHERE {StatesOf(query)}" : $"SELECT count(*) FROM assets WHERE {filter}", ct, [.. values]);
    }

    /// <inheritdoc />
    public Task<long> SourceBytesAsync(CancellationToken ct) => NumberAsync(SumOf("bytes"), ct);

    /// <summary>Of the counts that triggers keep.</summary>
    private static string SumOf(string column) => $"SELECT CAST(coalesce(sum({column}), 0) AS BIGINT) FROM library_counts";

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
        var filter = new List<string> { "owner IS NULL", StatesOf(query) };
        var values = query.States.Select((state, n) => ($"$state{n}", (object?)state.Name())).ToList();
        foreach (var (n, word) in query.Words.Index())
        {
            filter.Add($"{Position}(search_text, $word{n}) > 0");
            values.Add(($"$word{n}", word));
        }

        return (string.Join(" AND ", filter), values);
    }

    private static string StatesOf(LibraryQuery query) =>
        query.States.Count == 0 ? "TRUE" : $"state IN ({string.Join(", ", query.States.Select((_, n) => $"$state{n}"))})";
}
