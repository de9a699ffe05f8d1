using Sluice.Server.Catalog;

namespace Sluice.Server.Access;

/// <summary>All that a person needs to watch one asset. URLs are absolute and carry the token.</summary>
internal sealed record PlaybackLinks(string Hls, string Dash, string Watch, string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Links for <paramref name="asset"/> at the <see cref="PublicAddress"/>.</summary>
    public static PlaybackLinks Of(HttpRequest request, Asset asset, IssuedToken token)
    {
        var home = PublicAddress.Of(request);
        var query = $"?token={token.Token}";
        return new PlaybackLinks(
            $"{home}/stream/{asset.Id}/master.m3u8{query}",
            $"{home}/stream/{asset.Id}/manifest.mpd{query}",
            $"{home}/watch/{asset.Id}{query}",
            token.Token,
            token.ExpiresAt);
    }
}
