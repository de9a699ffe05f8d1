namespace Sluice.Server.Catalog;

/// <summary>Channels in the catalog: those that were made by the API. The contract suite of the catalog runs against it.</summary>
internal interface IChannelCatalog
{
    /// <summary>All of them, by name.</summary>
    Task<IReadOnlyList<ChannelRow>> ListChannelsAsync(CancellationToken ct);

    /// <summary>The channel, or null.</summary>
    ValueTask<ChannelRow?> FindChannelAsync(string name, CancellationToken ct);

    /// <summary>Makes a row of the one that is there, if one is, atomically.</summary>
    /// <param name="name">Whose row.</param>
    /// <param name="make">Answers the row to be written, from the one that is there or from null; null changes nothing.</param>
    /// <param name="ct">Cancels it.</param>
    /// <returns>What was written; null when nothing was.</returns>
    Task<ChannelRow?> PutChannelAsync(string name, Func<ChannelRow?, ChannelRow?> make, CancellationToken ct);

    /// <summary>Removes one; false when there was none.</summary>
    Task<bool> RemoveChannelAsync(string name, CancellationToken ct);
}
