namespace Sluice.Server.Package.Arriving;

/// <summary>Feeds a file to a process as it lands: as fast as it comes, and never more than is there.</summary>
/// <param name="source">The file.</param>
/// <param name="patience">How long the process may take nothing of what is offered to it.</param>
/// <param name="clock">Tells the time.</param>
/// <param name="beforeBytes">What an earlier process had taken of it at most; 0 for the first.</param>
internal sealed class RemuxFeed(LandedSource source, TimeSpan patience, TimeProvider clock, long beforeBytes)
{
    /// <summary>What was taken is repackaged within tenths of a second.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private const int PieceBytes = 256 << 10;

    /// <summary>Bytes land all the time; a look costs a comparison when nothing new has.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private const long Never = long.MinValue;
    private long _caughtUpTimestamp = Never;

    /// <summary>What an earlier process had made may not be there yet.</summary>
    public bool IsBehind => beforeBytes > 0
        && Volatile.Read(ref _caughtUpTimestamp) is var since && (since == Never || clock.GetElapsedTime(since) < Settling);

    /// <summary>Feeds until the file ends, or the process does.</summary>
    /// <param name="input">What the process reads; closed at the end.</param>
    /// <param name="giveUp">Called when it takes nothing for too long; must end it.</param>
    /// <param name="ct">Ends the waiting for what has not landed.</param>
    public async Task RunAsync(Stream input, Action giveUp, CancellationToken ct)
    {
        await using var watch = clock.CreateTimer(_ => giveUp(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var piece = new byte[PieceBytes];
        long at = 0;
        try
        {
            while (at < source.Length)
            {
                var count = source.Read(at, piece);
                if (count == 0)
                {
                    await Task.Delay(Look, clock, ct);
                    continue;
                }

                watch.Change(patience, Timeout.InfiniteTimeSpan);
                await input.WriteAsync(piece.AsMemory(0, count), ct);
                watch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                at += count;
                if (at >= beforeBytes && _caughtUpTimestamp == Never)
                {
                    Volatile.Write(ref _caughtUpTimestamp, clock.GetTimestamp());
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return; // The process has ended; how, its exit says.
        }
        finally
        {
            await input.DisposeAsync();
        }
    }
}
