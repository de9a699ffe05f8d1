using Sluice.Server.Catalog;

namespace Sluice.Server.Transcode;

/// <summary>A task makes these chunks, or is about to.</summary>
/// <param name="urgency">Of the task.</param>
/// <param name="renditions">Of these renditions.</param>
/// <param name="first">The first.</param>
/// <param name="end">Behind the last.</param>
/// <param name="until">Nobody here is told when the task ends, which another server may have: it counts no longer than this. Null: until it is released.</param>
internal sealed class ChunkClaim(Urgency urgency, HashSet<string> renditions, int first, int end, DateTimeOffset? until = null)
{
    /// <summary>A run that has more chunks than that to make before the wanted one is not waited for.</summary>
    public const int Near = 2;

    private int _next = first;

    /// <summary>Whether it does not count any more.</summary>
    public bool IsOver(DateTimeOffset now) => until <= now;

    /// <summary>A chunk was published: it may be one of these.</summary>
    public void Pass(ChunkRow chunk)
    {
        if (renditions.Contains(chunk.Rendition) && chunk.Number >= _next && chunk.Number < end)
        {
            _next = chunk.Number + 1;
        }
    }

    /// <summary>The chunk is among them, with at most <see cref="Near"/> others to be made before. Background work is never waited for:
    /// it makes all sizes at once, and stands still while others are waited for.</summary>
    public bool Covers(string rendition, int number) =>
        urgency > Urgency.Background && renditions.Contains(rendition) && number >= _next - 1 && number < end && number - _next <= Near;
}

/// <summary>Why chunks are not made now.</summary>
/// <param name="Renditions">Of these renditions.</param>
/// <param name="First">The first.</param>
/// <param name="End">Behind the last.</param>
/// <param name="Reason">In words for a person.</param>
/// <param name="Until">When their task is attempted again; null when it was given up.</param>
internal sealed record Setback(IReadOnlyCollection<string> Renditions, int First, int End, string Reason, DateTimeOffset? Until)
{
    /// <summary>It is about this chunk, at this time.</summary>
    public bool Covers(string rendition, int number, DateTimeOffset now) =>
        number >= First && number < End && !(Until <= now) && Renditions.Contains(rendition);
}
