using Sluice.Server.Catalog;

namespace Sluice.Server.Access;

/// <summary>What the gate found out about a request for playback, for the handler behind it.</summary>
internal interface IPlayableFeature
{
    /// <summary>The asset, checked: it exists, has not expired, and the token opens it.</summary>
    Asset Asset { get; }

    /// <summary>The token as it was sent, to be written into the URLs of a manifest.</summary>
    string Token { get; }

    /// <summary>From when on the token opens nothing.</summary>
    DateTimeOffset ExpiresAt { get; }

    /// <summary>The view that this request belongs to, to be written into the URLs of a manifest; null when the link may be viewed any number of times.</summary>
    AssetId? View { get; }
}

/// <inheritdoc cref="IPlayableFeature" />
internal sealed record PlayableFeature(Asset Asset, string Token, DateTimeOffset ExpiresAt) : IPlayableFeature
{
    /// <summary>How often the link may be viewed; null for any number of times.</summary>
    public ViewLimit? Limit { get; init; }

    /// <inheritdoc />
    public AssetId? View { get; init; }
}
