namespace Sluice.Server.Catalog;

/// <summary>What was done with keys and links: rows that are only added. The oldest go when there are <see cref="Most"/>.</summary>
internal interface IAuditCatalog
{
    /// <summary>Rows that are kept.</summary>
    const int Most = 10_000;

    /// <summary>Adds a row; its number is given here.</summary>
    Task AddAuditAsync(AuditRow row, CancellationToken ct);

    /// <summary>Rows, newest first, those before number <paramref name="before"/> when it is given.</summary>
    Task<IReadOnlyList<AuditRow>> ListAuditAsync(long? before, int limit, CancellationToken ct);
}

/// <summary>Something that was done.</summary>
/// <param name="Number">Grows with each row; 0 until it is added.</param>
/// <param name="At">When.</param>
/// <param name="Action">What, such as <c>link-made</c>.</param>
/// <param name="Subject">With which title or channel; null with none.</param>
/// <param name="Actor">By which right, such as <c>operator-session</c>.</param>
/// <param name="Client">From which address; null when there was none.</param>
internal sealed record AuditRow(long Number, DateTimeOffset At, string Action, string? Subject, string Actor, string? Client);
