using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>Why the gate stays shut.</summary>
/// <param name="Code">Row of the error table.</param>
/// <param name="Detail">What is particular to this request; null for the row's title.</param>
/// <param name="ExpiredAt">Set for what has expired.</param>
internal readonly record struct Refusal(ErrorCode Code, string? Detail = null, DateTimeOffset? ExpiredAt = null)
{
    /// <summary>Something that a person held has expired.</summary>
    /// <param name="code">Row of the error table.</param>
    /// <param name="subject">What it was: <c>link</c>.</param>
    /// <param name="end">When it ended.</param>
    /// <param name="now">The time.</param>
    public static Refusal Expired(ErrorCode code, string subject, DateTimeOffset end, DateTimeOffset now) =>
        new(code, $"The {subject} expired {Ago(now - end)} ago.", end);

    /// <summary>A span as a person says it: <c>14 s</c>, <c>3 min</c>, <c>5 h</c>, <c>2 days</c>.</summary>
    private static string Ago(TimeSpan span) => span switch
    {
        { TotalMinutes: < 2 } => $"{(long)span.TotalSeconds} s",
        { TotalHours: < 2 } => $"{(long)span.TotalMinutes} min",
        { TotalDays: < 2 } => $"{(long)span.TotalHours} h",
        _ => $"{(long)span.TotalDays} days",
    };
}
