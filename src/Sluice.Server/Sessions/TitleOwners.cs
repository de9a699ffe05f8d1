using Sluice.Server.Catalog;
using Sluice.Server.Nodes;

namespace Sluice.Server.Sessions;

/// <summary>What is done with what the catalog and the store have of a title that a session plays no more.</summary>
internal enum TitleEnd
{
    /// <summary>It goes.</summary>
    Removed,

    /// <summary>Its row stays, for the next server that has the session.</summary>
    HandedOver,

    /// <summary>Another server has the session, and all of it; or may have it, and the catalog cannot say.</summary>
    Lost,
}

/// <summary>On whose behalf a title exists that a session plays.</summary>
/// <param name="Name">See <see cref="Asset.Owner"/>.</param>
/// <param name="TakePlace">What it is to be called, when another server had it; once.</param>
/// <param name="EndAsync">What is to be done at its end.</param>
internal sealed record TitleOwner(string Name, Func<SessionPlace?> TakePlace, Func<ValueTask<TitleEnd>> EndAsync);

/// <summary>Says on whose behalf titles exist.</summary>
/// <param name="catalog">Knows whose sessions are.</param>
/// <param name="holds">Names this server.</param>
internal sealed class TitleOwners(ISessionCatalog catalog, Holds holds)
{
    /// <summary>Begins the names of sessions' holds.</summary>
    public const string Prefix = "session ";

    private static readonly TitleOwner Alone = new("session", () => null, () => ValueTask.FromResult(TitleEnd.Removed));

    /// <summary>Of a session's titles.</summary>
    public TitleOwner Of(Session session) =>
        session.Share is { } share ? new TitleOwner(NameOf(session.Id), share.TakeFirst, () => EndAsync(session.Id, share)) : Alone;

    /// <summary>Name of the hold of a session.</summary>
    public static string NameOf(AssetId session) => Prefix + session;

    /// <summary>A session that is handed over may have been taken up before, when its server was cut off; and so may any, as long as nobody can tell.</summary>
    private async ValueTask<TitleEnd> EndAsync(AssetId id, SessionShare share)
    {
        try
        {
            return share.IsLost || (await catalog.FindSessionAsync(id, CancellationToken.None) is { } row && row.Owner != holds.Self.Name) ? TitleEnd.Lost
                : share.IsHandedOver ? TitleEnd.HandedOver
                : TitleEnd.Removed;
        }
        catch (CatalogUnreachableException)
        {
            return TitleEnd.Lost;
        }
    }
}
