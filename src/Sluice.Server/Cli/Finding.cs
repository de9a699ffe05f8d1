namespace Sluice.Server.Cli;

/// <summary>How bad a finding is.</summary>
internal enum Severity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>The server works, but not all of it.</summary>
    Warn,

    /// <summary>The server does not work.</summary>
    Fail,
}

/// <summary>One thing that <c>sluice doctor</c> looked at.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Fix">What to do about it; null when nothing is to be done.</param>
internal sealed record Finding(Severity Severity, string Subject, string Detail, string? Fix = null)
{
    /// <summary>One line for a terminal.</summary>
    public override string ToString() =>
        $"{Severity.ToString().ToUpperInvariant(),-4}  {Subject,-11}  {Detail}{(Fix is null ? "" : $". Fix: {Fix}")}";
}
