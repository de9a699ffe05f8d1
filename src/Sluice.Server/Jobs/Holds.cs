using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>Takes, for this server, what only one of several may have, and keeps it for as long as that is needed.</summary>
/// <param name="catalog">Says who has what.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">For what could not be kept.</param>
/// <param name="owner">Names this process; the same after its restart, and no other's.</param>
internal sealed class Holds(IHoldCatalog catalog, TimeProvider clock, ILogger<Holds> logger, string owner)
{
    /// <summary>Time without a sign of life after which it is anybody's.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(21);

    /// <summary>Takes <paramref name="name"/> until the answer is disposed of; null when another server has it.</summary>
    public async Task<Hold?> TryTakeAsync(string name, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await catalog.HoldAsync(name, owner, now, Length, ct) ? new Hold(catalog, clock, logger, name, owner, now + Length) : null;
    }
}
