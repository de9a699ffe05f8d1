namespace Sluice.Server.Live;

/// <summary>A place in a <see cref="ChunkLog"/> where a viewer may come in.</summary>
/// <param name="Position">Of the first byte.</param>
/// <param name="PtsTicks">When that is shown, 90 kHz, modulo 2^33; null when it is not known.</param>
/// <param name="Join">What a viewer is sent before it.</param>
internal sealed record LogPoint(long Position, long? PtsTicks, ReadOnlyMemory<byte> Join);

/// <summary>Where a segment of the source begins in a <see cref="ChunkLog"/>.</summary>
/// <param name="Number">Counts the segments of this log, from 0, whatever the source calls them.</param>
/// <param name="Position">Of its first byte.</param>
/// <param name="IsDiscontinuity">It does not go on where the one before ended.</param>
/// <param name="ProgramTime">When it was on the air; null when the source does not say.</param>
internal sealed record LogSegment(long Number, long Position, bool IsDiscontinuity, DateTimeOffset? ProgramTime);

/// <summary>What is where in a log, as it was at one moment.</summary>
/// <param name="Points">In order; none lies before the log's beginning.</param>
/// <param name="Segments">In order; the first may have lost its front.</param>
internal sealed record LogIndex(LogPoint[] Points, LogSegment[] Segments)
{
    public static LogIndex Empty { get; } = new([], []);

    /// <summary>Where a viewer comes in who wants what is newest; null when there is no such place yet.</summary>
    public LogPoint? Newest => Points is [.., var last] ? last : null;

    /// <summary>Without what lies before a position. Segments are kept as long as anything of them is.</summary>
    public LogIndex From(long position)
    {
        var points = Array.FindIndex(Points, p => p.Position >= position);
        var segments = Array.FindLastIndex(Segments, s => s.Position <= position);
        return points == 0 && segments <= 0
            ? this
            : new LogIndex(points < 0 ? [] : Points[points..], segments < 0 ? Segments : Segments[segments..]);
    }
}
