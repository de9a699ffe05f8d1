namespace Sluice.Server.Live;

/// <summary>A place in a <see cref="ChunkLog"/> where a viewer may come in.</summary>
/// <param name="Position">Of the first byte.</param>
/// <param name="PtsTicks">When that is shown, 90 kHz, modulo 2^33; null when it is not known.</param>
/// <param name="Join">What a viewer is sent before it.</param>
internal sealed record LogPoint(long Position, long? PtsTicks, ReadOnlyMemory<byte> Join);

/// <summary>A stretch of a <see cref="ChunkLog"/> that players fetch as one. Most are a segment of the source; one that is too long
/// for the channel is several.</summary>
/// <param name="Number">Counts the segments of this log, from 0, whatever the source calls them.</param>
/// <param name="Position">Of its first byte.</param>
/// <param name="IsDiscontinuity">It does not go on where the one before ended.</param>
/// <param name="ProgramTime">When it was on the air; null when the source does not say.</param>
internal sealed record LogSegment(long Number, long Position, bool IsDiscontinuity, DateTimeOffset? ProgramTime)
{
    /// <summary>How long it is shown; zero while it is open, and when that is not known.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Position behind its last byte; null while it is open.</summary>
    public long? End { get; init; }

    /// <summary>Which of its track's <see cref="Output.LiveMaps"/> it needs; null for segments that need none.</summary>
    public int? Map { get; init; }

    /// <summary>Discontinuities of this log up to its beginning, its own included.</summary>
    public long Discontinuities { get; init; }

    /// <summary>What a player that begins with it needs before its bytes: tables that the segment does not begin with itself.</summary>
    public ReadOnlyMemory<byte> Prefix { get; init; }
}

/// <summary>What is where in a log, as it was at one moment.</summary>
/// <param name="Points">In order; none lies before the log's beginning.</param>
/// <param name="Segments">In order; the first may have lost its front.</param>
internal sealed record LogIndex(LogPoint[] Points, LogSegment[] Segments)
{
    public static LogIndex Empty { get; } = new([], []);

    /// <summary>Where a viewer comes in who wants what is newest; null when there is no such place yet.</summary>
    public LogPoint? Newest => Points is [.., var last] ? last : null;

    /// <summary>The segment that is being written; null when there is none.</summary>
    public LogSegment? Open => Segments is [.., { End: null } last] ? last : null;

    /// <summary>With another segment that begins; see <see cref="ChunkLog.BeginSegment"/>.</summary>
    public LogIndex WithSegment(long position, bool isDiscontinuity, DateTimeOffset? programTime, int? map)
    {
        var isEmpty = Open is { } open && open.Position == position;
        var before = isEmpty ? Segments[..^1] : WithEnd(position, TimeSpan.Zero).Segments;

        // What an empty one broke stays broken.
        var breaks = isDiscontinuity || (isEmpty && Segments[^1].IsDiscontinuity);
        var last = before is [.., var end] ? end : null;
        var next = new LogSegment(isEmpty ? Segments[^1].Number : (last?.Number ?? -1) + 1, position, breaks, programTime)
        {
            Map = map,
            Discontinuities = (isEmpty ? Segments[^1].Discontinuities - (Segments[^1].IsDiscontinuity ? 1 : 0) : last?.Discontinuities ?? 0)
                + (breaks ? 1 : 0),
        };
        return this with { Segments = [.. before, next] };
    }

    /// <summary>With an end of the open segment. An empty one stays open: it begins again, or never.</summary>
    public LogIndex WithEnd(long position, TimeSpan duration) =>
        Open is { } open && open.Position < position
            ? this with { Segments = [.. Segments[..^1], open with { End = position, Duration = duration }] }
            : this;

    /// <summary>Without the open segment.</summary>
    public LogIndex WithoutOpen() => Open is null ? this : this with { Segments = Segments[..^1] };

    /// <summary>With a prefix of the open segment.</summary>
    public LogIndex WithPrefix(ReadOnlyMemory<byte> prefix) =>
        Open is { } open ? this with { Segments = [.. Segments[..^1], open with { Prefix = prefix }] } : this;

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
