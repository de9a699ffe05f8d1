namespace Sluice.Server.Catalog;

/// <summary>A server that has something.</summary>
/// <param name="Name">Of the process; the same after its restart, and no other's.</param>
/// <param name="Address">Where other servers reach it; null when they cannot.</param>
internal sealed record Holder(string Name, Uri? Address = null);

/// <summary>What has to be a server's still when it writes.</summary>
/// <param name="Name">What it holds.</param>
/// <param name="Owner">Who.</param>
internal sealed record Fence(string Name, string Owner);

/// <summary>
/// What one of several servers has at a time, by name: a download, say. Held until an instant, by the catalog's clock; then anybody's. The contract suite of
/// the catalog runs against it.
/// </summary>
internal interface IHoldCatalog
{
    /// <summary>Takes <paramref name="name"/>, or keeps it for longer.</summary>
    /// <param name="name">What.</param>
    /// <param name="holder">Who.</param>
    /// <param name="now">The caller's time.</param>
    /// <param name="length">For how long from then on.</param>
    /// <param name="ct">Cancels it.</param>
    /// <returns>False when somebody else has it.</returns>
    Task<bool> HoldAsync(string name, Holder holder, DateTimeOffset now, TimeSpan length, CancellationToken ct);

    /// <summary>Keeps it for longer, also when its time was over and nobody has taken it since.</summary>
    /// <param name="name">What.</param>
    /// <param name="holder">Who.</param>
    /// <param name="now">The caller's time.</param>
    /// <param name="length">For how long from then on.</param>
    /// <param name="ct">Cancels it.</param>
    /// <returns>False when somebody else has it, or has had it since.</returns>
    Task<bool> KeepAsync(string name, Holder holder, DateTimeOffset now, TimeSpan length, CancellationToken ct);

    /// <summary>Gives it back; nothing happens when somebody else has it, or nobody.</summary>
    Task LetGoAsync(string name, string owner, CancellationToken ct);

    /// <summary>Gives back all whose name begins so: a process that begins anew has nothing of it any more.</summary>
    Task LetAllGoAsync(string prefix, string owner, CancellationToken ct);

    /// <summary>Forgets all whose name begins so and whose time is over: nobody keeps them late.</summary>
    Task ForgetAsync(string prefix, DateTimeOffset now, CancellationToken ct);

    /// <summary>Who has it; null when nobody does.</summary>
    Task<Holder?> HolderAsync(string name, DateTimeOffset now, CancellationToken ct);
}
