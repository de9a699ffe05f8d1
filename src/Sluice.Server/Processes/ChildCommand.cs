namespace Sluice.Server.Processes;

/// <summary>What is to be run, and within which bounds. There is no shell in between: an argument is an argument.</summary>
internal sealed record ChildCommand
{
    /// <summary>Full path of the program.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, passed verbatim.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Folder in which it runs; it exists.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>Address of an HTTP proxy, with its password, that all its requests are to go through; null when it makes none. It is in its environment, and
    /// not on its command line, which all users of a machine may read.</summary>
    public string? Proxy { get; init; }

    /// <summary>What it may use up.</summary>
    public ChildLimits Limits { get; init; } = new();

    /// <summary>Somebody will read <see cref="ChildProcess.Output"/>. Else what it prints is thrown away.</summary>
    public bool ReadsOutput { get; init; }

    /// <summary>Somebody will write to <see cref="ChildProcess.Input"/>. Else its standard input is at its end from the start.</summary>
    public bool WritesInput { get; init; }

    /// <summary>
    /// Sees each line of its standard error, on a thread of its own; answers whether it took the line. A line that is taken
    /// (progress, say) is a sign of life and no part of <see cref="ChildProcess.ErrorTail"/>.
    /// </summary>
    public Func<string, bool>? TakesLine { get; init; }
}
