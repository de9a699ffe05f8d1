using Sluice.Server.Outbound.Remote;

namespace Sluice.Server.Store.S3;

/// <summary>Fetches blocks of one object of a bucket, for as long as it is that one.</summary>
/// <param name="bucket">Where it is.</param>
/// <param name="at">The object.</param>
/// <param name="clock">For the pauses.</param>
internal sealed class S3BlockFetch(S3Bucket bucket, S3Listed at, TimeProvider clock) : BlockFetcher(at.SizeBytes, clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override SemaphoreSlim Turns => bucket.Reads;

    /// <inheritdoc />
    protected override TimeSpan LongestTurn => Patience; // A player asks again, and who has gone is not fetched for.

    /// <inheritdoc />
    protected override TimeSpan LongestBlock => bucket.Limits.Idle; // Drop by drop is not much better than nothing.

    /// <inheritdoc />
    protected override Task<BlockAnswer> AskAsync(long from, long to, CancellationToken ct) => bucket.ReadAsync(at, from, to, ct);
}
