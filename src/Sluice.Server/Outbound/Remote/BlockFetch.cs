namespace Sluice.Server.Outbound.Remote;

/// <summary>Fetches blocks of a file over http. Redirects are followed once: where they led to is asked directly, until that does not answer any more.</summary>
internal sealed class BlockFetch : BlockFetcher, IDisposable
{
    /// <summary>One server is sent so many requests at a time.</summary>
    private const int MostAtATime = 6;

    /// <summary>A player gives up after some ten seconds and comes back; a fetch that takes much longer is for nobody.</summary>
    public static readonly OutboundLimits Limits = new()
    {
        Header = TimeSpan.FromSeconds(15),
        Idle = TimeSpan.FromSeconds(15),
        Total = TimeSpan.FromMinutes(2),
    };

    private readonly SemaphoreSlim _turns = new(MostAtATime, MostAtATime);
    private readonly OutboundFetcher _fetcher;
    private readonly OutboundUrl _url;
    private OutboundUrl _direct;

    /// <param name="fetcher">Asks.</param>
    /// <param name="url">As it was given.</param>
    /// <param name="facts">What the first answer said.</param>
    /// <param name="clock">For the pauses.</param>
    public BlockFetch(OutboundFetcher fetcher, OutboundUrl url, RemoteFileFacts facts, TimeProvider clock)
        : base(facts.Length, clock)
    {
        (_fetcher, _url, Facts, _direct) = (fetcher, url, facts, facts.Direct);
        Count(1, Math.Min(BlockBytes, facts.Length)); // The beginning, by which it became known.
    }

    /// <summary>What is known of the file.</summary>
    public RemoteFileFacts Facts { get; }

    /// <inheritdoc />
    protected override SemaphoreSlim Turns => _turns;

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    /// <inheritdoc />
    protected override async Task<BlockAnswer> AskAsync(long from, long to, CancellationToken ct)
    {
        var response = await _fetcher.SendAsync(
            new OutboundRequest(_direct) { FromByte = from, ToByte = to, IfRange = Facts.Validator, Limits = Limits }, ct);
        try
        {
            RemoteAnswer.Require(response, Facts, from);
        }
        catch
        {
            await response.DisposeAsync();
            throw;
        }

        _direct = response.Url;
        return new BlockAnswer(response.Body, response);
    }

    /// <inheritdoc />
    protected override void Failed() => _direct = _url;
}
