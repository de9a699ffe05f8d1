namespace Sluice.Server.Catalog;

/// <summary>Views of links that may be viewed a number of times. The contract suite of the catalog runs against it.</summary>
internal interface IViewCatalog
{
    /// <summary>The view that this client goes on with, which is in use by that, or a new one when one is left, atomically; null when none is.</summary>
    Task<AssetId?> ClaimViewAsync(ViewClaim claim, CancellationToken ct);

    /// <summary>Removes the views of links that have ended at <paramref name="instant"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> RemoveViewsAsync(DateTimeOffset instant, CancellationToken ct);
}

/// <summary>
/// A wish to view what a link opens. A view belongs to one program, and to those addresses that it was asked for from, which are few:
/// <code>
///   <see cref="Said"/> is a view of the program       it goes on, from another address too as long as it has had less than <see cref="MostAddresses"/>
///   else one of the program from the same address     it goes on
///   else                                              a new one
/// </code>
/// </summary>
/// <param name="Link">The link.</param>
/// <param name="Asset">What it opens; its views go with it.</param>
/// <param name="Said">The view that the client says it goes on with, or null.</param>
/// <param name="Program">Tells the client's program from others.</param>
/// <param name="Address">Tells the client's address from others; <see cref="AddressChars"/> characters without a space.</param>
/// <param name="Most">Views that the link has.</param>
/// <param name="Now">The time.</param>
/// <param name="Since">A view that was in use after this instant goes on.</param>
/// <param name="Told">Of a view whose use was written after this instant, by an address that it has, nothing is written: who asks often costs reading only.</param>
/// <param name="EndsAt">When the link ends.</param>
internal sealed record ViewClaim(
    AssetId Link, AssetId Asset, AssetId? Said, string Program, string Address, int Most, DateTimeOffset Now, DateTimeOffset Since, DateTimeOffset Told,
    DateTimeOffset EndsAt)
{
    /// <summary>Addresses of one view: at home, on the way and at work, and one more.</summary>
    public const int MostAddresses = 4;

    /// <summary>Characters that stand for an address.</summary>
    public const int AddressChars = 16;
}
