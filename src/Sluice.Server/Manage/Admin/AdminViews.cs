using System.ComponentModel.DataAnnotations;
using Sluice.Server.Catalog;

namespace Sluice.Server.Manage.Admin;

/// <summary>Looks at what the server needs of its machine: what <c>sluice doctor</c> finds.</summary>
internal delegate Task<IReadOnlyList<CheckView>> CheckMachine(CancellationToken ct);

/// <summary>The settings in force.</summary>
internal delegate SettingsView ReadSettings();

/// <summary>How the server is.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Titles">Titles of the library.</param>
/// <param name="SourceBytes">Bytes of their files.</param>
/// <param name="FreeBytes">Room for more, above the reserve.</param>
/// <param name="Place">Where media lie, in a word: <c>disk</c> or <c>bucket</c>.</param>
/// <param name="MemoryBytes">Memory of the process.</param>
/// <param name="Samples">Viewers and throughput of the last hour, oldest first.</param>
internal sealed record AdminView(
    string Version, DateTimeOffset StartedAt, int Titles, long SourceBytes, long FreeBytes, [property: AllowedValues("disk", "bucket")] string Place, long MemoryBytes, IReadOnlyList<ActivitySample> Samples);

/// <summary>One thing that was looked at.</summary>
/// <param name="Severity"><c>ok</c>, <c>warn</c> or <c>fail</c>.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Fix">What to do about it; null when nothing is to be done.</param>
internal sealed record CheckView([property: AllowedValues("ok", "warn", "fail")] string Severity, string Subject, string Detail, string? Fix);

/// <summary>What was found.</summary>
/// <param name="Items">In the order in which a person would mend them.</param>
internal sealed record CheckList(IReadOnlyList<CheckView> Items);

/// <summary>The settings in force.</summary>
/// <param name="File">The configuration file; null when there is none.</param>
/// <param name="Items">Every key.</param>
internal sealed record SettingsView(string? File, IReadOnlyList<SettingView> Items);

/// <summary>One key of the configuration.</summary>
/// <param name="Key">Such as <c>server.port</c>.</param>
/// <param name="Value">Its value; dots for a secret, null when it has none.</param>
/// <param name="IsDefault">Nobody set it to anything else.</param>
/// <param name="Allowed">What it may hold.</param>
internal sealed record SettingView(string Key, string? Value, bool IsDefault, string Allowed);

/// <summary>Something that was done with a key or a link.</summary>
/// <param name="Number">Grows with each.</param>
/// <param name="At">When.</param>
/// <param name="Action">What.</param>
/// <param name="Subject">Id or name of the title or channel; null with none.</param>
/// <param name="Title">The title's name, where there is one still.</param>
/// <param name="Actor">By which right: <c>operator-key</c>, <c>operator-session</c>, <c>admin-key</c>, or <c>no-key</c> where none is needed.</param>
/// <param name="Client">From which address.</param>
internal sealed record AuditView(long Number, DateTimeOffset At, string Action, string? Subject, string? Title, string Actor, string? Client)
{
    /// <summary>The view of <paramref name="row"/>.</summary>
    public static AuditView Of(AuditRow row, string? title) => new(row.Number, row.At, row.Action, row.Subject, title, row.Actor, row.Client);
}

/// <summary>One page of the audit.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">To be sent as <c>before</c> for the next page; null at the end.</param>
internal sealed record AuditPage(IReadOnlyList<AuditView> Items, long? Next);
