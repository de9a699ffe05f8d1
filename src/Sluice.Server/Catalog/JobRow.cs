using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>How a <see cref="Job"/> lies in rows.</summary>
internal static class JobRow
{
    /// <summary>A query for jobs <c>j</c>, to be continued by <c>WHERE</c>, in the order of <see cref="Read"/>.</summary>
    public const string Select =
        $"""
        SELECT j.id, j.asset, j.kind, j.state,
          (SELECT CAST(COUNT(*) AS INTEGER) FROM tasks t WHERE t.job = j.id),
          (SELECT CAST(COUNT(*) AS INTEGER) FROM tasks t WHERE t.job = j.id AND t.state IN ('{StateNames.Done}', '{StateNames.Failed}')),
          j.progress, j.reason, j.log, j.created_at, j.updated_at, j.finished_at,
          (SELECT t.reason FROM tasks t WHERE t.job = j.id AND t.state = '{StateNames.Queued}' AND t.reason IS NOT NULL ORDER BY t.id LIMIT 1)
        FROM jobs j
        """;

    /// <summary>The job in the reader's current row.</summary>
    public static Job Read(DbDataReader row)
    {
        var state = StateNames.Parse<JobState>(row.GetString(3), StateNames.Name);
        var (count, done) = (row.GetInt32(4), row.GetInt32(5));
        return new Job
        {
            Id = row.GetString(0),
            Asset = AssetId.Parse(row.GetString(1), null),
            Kind = StateNames.Parse<JobKind>(row.GetString(2), StateNames.Name),
            State = state,
            TaskCount = count,
            TasksDone = done,
            Progress = state == JobState.Done ? 1
                : !row.IsDBNull(6) ? row.GetDouble(6)
                : count > 0 ? (double)done / count : 0,
            Reason = row.IsDBNull(7) ? null : row.GetString(7),
            Trouble = state is not (JobState.Queued or JobState.Running) || row.IsDBNull(12) ? null : row.GetString(12),
            Log = row.IsDBNull(8) ? null : row.GetString(8),
            CreatedAt = AssetRow.FromMicroseconds(row.GetInt64(9)),
            UpdatedAt = AssetRow.FromMicroseconds(row.GetInt64(10)),
            FinishedAt = row.IsDBNull(11) ? null : AssetRow.FromMicroseconds(row.GetInt64(11)),
        };
    }
}
