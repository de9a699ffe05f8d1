namespace Sluice.Server.Catalog;

/// <summary>Views of links that may be viewed a number of times. The contract suite of the catalog runs against it.</summary>
internal interface IViewCatalog
{
    /// <summary>The view that this client has of the link already, or a new one when one is left, atomically; null when none is.</summary>
    Task<LinkView?> ClaimViewAsync(ViewClaim claim, CancellationToken ct);

    /// <summary>When a view of a link began; null when there is no such view.</summary>
    ValueTask<DateTimeOffset?> FindViewAsync(AssetId link, AssetId view, CancellationToken ct);

    /// <summary>Removes the views of links that have ended at <paramref name="instant"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> RemoveViewsAsync(DateTimeOffset instant, CancellationToken ct);
}

/// <summary>A wish to view what a link opens.</summary>
/// <param name="Link">The link.</param>
/// <param name="Asset">What it opens; its views go with it.</param>
/// <param name="Client">Tells the client from others.</param>
/// <param name="Most">Views that the link has.</param>
/// <param name="Now">The time.</param>
/// <param name="Since">A view of the same client that began after this instant goes on.</param>
/// <param name="EndsAt">When the link ends.</param>
internal sealed record ViewClaim(
    AssetId Link, AssetId Asset, string Client, int Most, DateTimeOffset Now, DateTimeOffset Since, DateTimeOffset EndsAt);

/// <summary>A view of a link.</summary>
/// <param name="Id">Its name.</param>
/// <param name="BegunAt">When it began.</param>
internal sealed record LinkView(AssetId Id, DateTimeOffset BegunAt);
