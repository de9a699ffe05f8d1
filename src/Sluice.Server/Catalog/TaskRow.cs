using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>How a <see cref="WorkTask"/> lies in a row.</summary>
internal static class TaskRow
{
    /// <summary>Columns in the order of <see cref="Read"/>.</summary>
    public const string Columns =
        "id, job, asset, kind, urgency, first_chunk, end_chunk, renditions, state, attempts, failures, not_before, fence, " +
        "owner, lease_until, reason";

    /// <summary>The task in the reader's current row.</summary>
    public static WorkTask Read(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        JobId = row.GetString(1),
        Asset = AssetId.Parse(row.GetString(2), null),
        Kind = StateNames.Parse<JobKind>(row.GetString(3), StateNames.Name),
        Urgency = (Urgency)row.GetInt32(4),
        FirstChunk = row.GetInt32(5),
        EndChunk = row.GetInt32(6),
        Renditions = row.GetString(7),
        State = StateNames.Parse<WorkState>(row.GetString(8), StateNames.Name),
        Attempts = row.GetInt32(9),
        Failures = row.GetInt32(10),
        NotBefore = AssetRow.FromMicroseconds(row.GetInt64(11)),
        Fence = row.GetInt64(12),
        Owner = row.IsDBNull(13) ? null : row.GetString(13),
        LeaseUntil = row.IsDBNull(14) ? null : AssetRow.FromMicroseconds(row.GetInt64(14)),
        Reason = row.IsDBNull(15) ? null : row.GetString(15),
    };
}
