namespace Sluice.Server.Processes;

/// <summary>Why a child is no more.</summary>
internal enum ExitReason
{
    /// <summary>It ended by itself, well or badly, or something outside of this server ended it.</summary>
    Exited,

    /// <summary>This server ended it because somebody asked for that.</summary>
    Killed,

    /// <summary>It was ended at <see cref="ChildLimits.WallTime"/>.</summary>
    TimedOut,

    /// <summary>It was ended after <see cref="ChildLimits.Silence"/>.</summary>
    Silent,

    /// <summary>It never ran.</summary>
    StartFailed,
}

/// <summary>How a child ended.</summary>
/// <param name="Reason">Why it is no more.</param>
/// <param name="Code">Its exit code; 128 and the signal when a signal ended it; -1 when it never ran.</param>
/// <param name="CpuTime">Processor time of all its threads, as last seen: some milliseconds may be missing. Zero when that could
/// not be measured.</param>
internal sealed record ChildExit(ExitReason Reason, int Code, TimeSpan CpuTime)
{
    private const int FirstSignal = 129;
    private const int LastSignal = 128 + 31;

    /// <summary>XFSZ: it wrote more than <see cref="ChildLimits.FileBytes"/>.</summary>
    public const int FileSizeSignal = 25;

    /// <summary>It ended by itself and says that all went well.</summary>
    public bool IsSuccess => Reason == ExitReason.Exited && Code == 0;

    /// <summary>Number of the signal that ended it; null when none did.</summary>
    public int? Signal => Code is >= FirstSignal and <= LastSignal ? Code - 128 : null;

    /// <summary>All of it in a few words for a person.</summary>
    public override string ToString() => Reason switch
    {
        ExitReason.Killed => "was ended",
        ExitReason.TimedOut => "took too long and was ended",
        ExitReason.Silent => "gave no sign of life and was ended",
        ExitReason.StartFailed => "could not be started",
        _ when Code == 0 => "ended well",
        _ => Signal switch
        {
            null => $"ended with exit code {Code}",
            24 => "used up its processor time",
            FileSizeSignal => "wrote more than it may",
            { } signal => $"was ended by signal {signal}",
        },
    };
}
