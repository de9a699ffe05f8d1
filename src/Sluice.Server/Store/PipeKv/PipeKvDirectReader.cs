using System.Buffers;

namespace Sluice.Server.Store.PipeKv;

/// <summary>
/// One viewer's reading of a value for which there is no room here, or that has not come so far: it is passed on as he takes it. From front to back; where
/// the node gives no parts, what he does not want is read and left out.
/// </summary>
/// <param name="node">Is asked.</param>
/// <param name="name">Name of the value.</param>
/// <param name="facts">What the node said of it before: what comes must be of the same value.</param>
/// <param name="clock">For pauses between tries.</param>
internal sealed class PipeKvDirectReader(PipeKvNode node, string name, PipeKvFacts facts, TimeProvider clock) : IObjectReader
{
    private const int PieceBytes = 64 << 10;

    private PipeKvAnswer? _answer;
    private TimeSpan _waited;
    private long _at;

    /// <inheritdoc />
    public long Length { get; } = facts.LengthBytes ?? throw new PipeKvException("There is no room here to keep a value of which the length is not said.") { MayPass = true };

    /// <inheritdoc />
    public bool IsElsewhere => true;

    /// <inheritdoc />
    public async ValueTask PrepareAsync(long offset, CancellationToken ct)
    {
        if (_answer is not null)
        {
            return;
        }

        _answer = await PipeKvRetry.RunAsync(() => OpenAsync(offset, ct), clock, ct);
        _at = _answer.FromByte;
        await SkipAsync(offset - _at, ct);
    }

    /// <inheritdoc />
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        await PrepareAsync(offset, ct);
        if (offset != _at)
        {
            throw new InvalidOperationException("A value that is passed on is read from front to back.");
        }

        return await ReadOnAsync(destination, ct);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // Nothing waits for the end of a connection.
        _ = _answer?.DisposeAsync().AsTask();
    }

    private async Task<PipeKvAnswer> OpenAsync(long offset, CancellationToken ct)
    {
        var from = facts is { TakesRanges: true, Version: not null } ? offset : 0;
        var answer = await node.OpenAsync(name, from, Timeout.InfiniteTimeSpan, ct) ?? throw Another();
        if (answer.Facts.Version == facts.Version && answer.Facts.LengthBytes == facts.LengthBytes)
        {
            return answer;
        }

        await answer.DisposeAsync();
        throw Another();
    }

    private async ValueTask SkipAsync(long count, CancellationToken ct)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            while (count > 0)
            {
                var skipped = await ReadOnAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, count)), ct);
                if (skipped == 0)
                {
                    throw Another();
                }

                count -= skipped;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>The node's time is bounded, and not the viewer's: he may be slow.</summary>
    private async ValueTask<int> ReadOnAsync(Memory<byte> destination, CancellationToken ct)
    {
        var asked = clock.GetTimestamp();
        var count = await _answer!.ReadAsync(destination, ct);
        _waited += clock.GetElapsedTime(asked);
        _at += count;
        return _waited <= PipeKvNode.LongestRead ? count : throw new PipeKvException("The key-value store took too long.") { MayPass = true };
    }

    private static PipeKvException Another() => new("The key-value store has another value there now.") { MayPass = true };
}
