using Sluice.Server.Jobs;

namespace Sluice.Server.Publishing;

/// <summary>Tells how far a job is, as often as it pleases.</summary>
internal sealed class JobProgress(ProgressBoard board, string jobId, TimeProvider clock)
{
    /// <summary>What is to be told the part that is done of <paramref name="whole"/>. It is called by one at a time.</summary>
    public Action<long> Of(long whole)
    {
        var begin = clock.GetTimestamp();
        var last = Task.CompletedTask;
        return done =>
        {
            // Whoever sends does not wait for a number on a page; the next one is not told before this one is.
            if (last.IsCompleted)
            {
                var part = whole == 0 ? 1 : Math.Min(1, done / (double)whole);
                var left = part > 0 ? clock.GetElapsedTime(begin).TotalSeconds * (1 - part) / part : (double?)null;
                last = board.ReportAsync(jobId, part, null, left, CancellationToken.None).AsTask();
            }
        };
    }
}
