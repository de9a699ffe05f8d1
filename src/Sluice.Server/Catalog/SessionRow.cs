using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>A session that several servers know of: what another needs to open it again when the one that has it is gone.</summary>
/// <param name="Id">Its name in the link.</param>
/// <param name="Source">Tells sources apart: no two sessions have the same. Null for one that nobody joins by its source.</param>
/// <param name="Owner">The server that has it, as <see cref="Holder.Name"/>.</param>
/// <param name="State">What is to be opened, as JSON of the sessions. It may hold secrets: no part of it is shown or logged from here.</param>
/// <param name="Shown">How it was when its owner last said so, as JSON of the sessions, without secrets.</param>
/// <param name="Plays">The asset or channel that it plays; null while that is not known.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="ExpiresAt">It has ended then, unless its owner says otherwise before.</param>
internal sealed record SessionRow(
    AssetId Id, string? Source, string Owner, string State, string Shown, string? Plays, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>Columns in the order of <see cref="Read"/>.</summary>
    public const string Columns = "id, source, owner, state, shown, plays, created_at, expires_at";

    /// <summary>The parameters' names, in the same order.</summary>
    public const string Parameters = "$id, $source, $owner, $state, $shown, $plays, $created_at, $expires_at";

    /// <summary>The session in the reader's current row.</summary>
    public static SessionRow Read(DbDataReader row) => new(
        AssetId.Parse(row.GetString(0), null), row.IsDBNull(1) ? null : row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4),
        row.IsDBNull(5) ? null : row.GetString(5), AssetRow.FromMicroseconds(row.GetInt64(6)), AssetRow.FromMicroseconds(row.GetInt64(7)));

    /// <summary>Values of all columns, by parameter.</summary>
    public (string Name, object? Value)[] Values() =>
    [
        ("$id", Id.Value), ("$source", Source), ("$owner", Owner), ("$state", State), ("$shown", Shown), ("$plays", Plays),
        ("$created_at", AssetRow.ToMicroseconds(CreatedAt)), ("$expires_at", AssetRow.ToMicroseconds(ExpiresAt)),
    ];

    /// <summary>Whose it is: the rest is not for logs, its name included.</summary>
    public override string ToString() => $"a session of {Owner}";
}
