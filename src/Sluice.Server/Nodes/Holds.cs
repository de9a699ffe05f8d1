using Sluice.Server.Catalog;

namespace Sluice.Server.Nodes;

/// <summary>Takes, for this server, what only one of several may have, and keeps it for as long as that is needed.</summary>
/// <param name="catalog">Says who has what.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">For what could not be kept.</param>
/// <param name="self">This process.</param>
internal sealed class Holds(IHoldCatalog catalog, TimeProvider clock, ILogger<Holds> logger, Holder self)
{
    /// <summary>Time without a sign of life after which it is anybody's, unless another is said.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(21);

    /// <summary>This process.</summary>
    public Holder Self => self;

    /// <summary>Takes <paramref name="name"/> until the answer is disposed of; null when another server has it.</summary>
    public Task<Hold?> TryTakeAsync(string name, CancellationToken ct) => TryTakeAsync(name, Length, ct);

    /// <summary>Takes <paramref name="name"/> until the answer is disposed of; null when another server has it.</summary>
    /// <param name="name">What.</param>
    /// <param name="length">Time without a sign of life after which it is anybody's.</param>
    /// <param name="ct">Cancels it.</param>
    /// <param name="isLasting">It is not lost while nobody reaches the catalog: for what two may do at once for a while without harm.</param>
    public async Task<Hold?> TryTakeAsync(string name, TimeSpan length, CancellationToken ct, bool isLasting = false)
    {
        var now = clock.GetUtcNow();
        return await catalog.HoldAsync(name, self, now, length, ct) ? new Hold(catalog, clock, logger, name, self, now, length, isLasting) : null;
    }

    /// <summary>Who has it, be it this server; null when nobody does.</summary>
    public Task<Holder?> HolderAsync(string name, CancellationToken ct) => catalog.HolderAsync(name, clock.GetUtcNow(), ct);
}
