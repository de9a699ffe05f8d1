namespace Sluice.Server.Outbound.Remote;

/// <summary>
/// Blocks that are fetched together, and who waits for one of them. Not safe for concurrent use: the file's gate is held.
/// <code>
///   who waits got the block and went   ─▶ it goes on: what was fetched ahead is read next
///   the last who waited gave up        ─▶ it ends before the next block, unless somebody comes back first
/// </code>
/// </summary>
internal sealed class BlockRun
{
    private int _waiting;
    private bool _isGivenUp;

    /// <summary>Nobody waits for it, for the last one gave up.</summary>
    public bool IsForNobody => _waiting == 0 && _isGivenUp;

    /// <summary>It ended because it was for nobody; its blocks may be those of another run since.</summary>
    public bool IsOver { get; set; }

    /// <summary>Somebody waits.</summary>
    public void Join()
    {
        _waiting++;
        _isGivenUp = false;
    }

    /// <summary>Somebody does not wait any more.</summary>
    /// <param name="gaveUp">His block has not come.</param>
    public void Leave(bool gaveUp) => _isGivenUp = --_waiting == 0 && gaveUp;
}
