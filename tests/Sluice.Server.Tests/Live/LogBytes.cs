using Sluice.Server.Live;

namespace Sluice.Server.Tests.Live;

/// <summary>What lies in a log, to be looked at.</summary>
internal static class LogBytes
{
    /// <summary>A copy of the bytes from one position to another, in the pieces that they lie in; null when some of them are not there.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Slice(this ChunkLog log, long from, long to)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        var reading = new LogStretch(log, from, to).ReadAsync(0, to - from, piece =>
        {
            pieces.Add(piece.ToArray());
            return ValueTask.CompletedTask;
        });
        return reading.AsTask().GetAwaiter().GetResult() ? pieces : null;
    }
}
