namespace Sluice.Server.Processes;

/// <summary>What a child may use up before it is ended. Null means as much as it likes.</summary>
internal sealed record ChildLimits
{
    /// <summary>Private memory in bytes (<c>RLIMIT_DATA</c>): an allocation beyond it fails. Linux only.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processor time in seconds, all threads together (<c>RLIMIT_CPU</c>): signal XCPU, then KILL. Linux only.</summary>
    public int? CpuSeconds { get; init; }

    /// <summary>Largest file that it may write, in bytes (<c>RLIMIT_FSIZE</c>). Linux only.</summary>
    public long? FileBytes { get; init; }

    /// <summary>Time from start to end; time in which it was paused does not count.</summary>
    public TimeSpan? WallTime { get; init; }

    /// <summary>Time without a sign of life: a byte on standard output or a line that was taken. Time in which it was paused,
    /// or in which nobody read what it wrote, does not count.</summary>
    public TimeSpan? Silence { get; init; }

    /// <summary>How far it stands back for others, 0 to 19.</summary>
    public int Nice { get; init; }
}
