namespace Sluice.Server.Store.PipeKv;

/// <summary>
/// One viewer's reading of a value that is kept or comes just now. Whoever begins far behind what has come does not wait for it: he gets a request of his own
/// where the node gives parts and tells its values apart.
/// </summary>
/// <param name="cache">Takes the entry back.</param>
/// <param name="entry">The value.</param>
/// <param name="facts">What is known of it.</param>
internal sealed class PipeKvReader(PipeKvCache cache, PipeKvEntry entry, PipeKvFacts facts) : IObjectReader
{
    /// <summary>So much is waited for; it comes sooner than the answer to another request.</summary>
    private const long FarBytes = 1 << 20;

    private IObjectReader? _direct;
    private bool _isReturned;

    /// <inheritdoc />
    public long Length { get; } = facts.LengthBytes ?? entry.ReceivedBytes;

    /// <inheritdoc />
    public bool IsElsewhere => true;

    /// <inheritdoc />
    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct) =>
        _direct is { } direct ? direct.ReadAsync(offset, destination, ct) : entry.ReadAsync(offset, destination, ct);

    /// <inheritdoc />
    public ValueTask PrepareAsync(long offset, CancellationToken ct)
    {
        if (!entry.IsWhole && facts is { TakesRanges: true, Version: not null } && offset > entry.ReceivedBytes + FarBytes)
        {
            _direct ??= cache.Direct(entry.Name, facts);
        }

        return _direct is { } direct ? direct.PrepareAsync(offset, ct) : entry.ReachAsync(offset, ct);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_isReturned)
        {
            return;
        }

        _isReturned = true;
        _direct?.Dispose();
        cache.Return(entry);
    }
}
