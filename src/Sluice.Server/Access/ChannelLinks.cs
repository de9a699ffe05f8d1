namespace Sluice.Server.Access;

/// <summary>All that a person needs to watch one channel. URLs are absolute and carry the token, where there is one.</summary>
/// <param name="Hls">The HLS playlist.</param>
/// <param name="Ts">The endless MPEG-TS body.</param>
/// <param name="Watch">The page for people.</param>
/// <param name="Token">The token alone; null when the links need none.</param>
/// <param name="ExpiresAt">From when on it opens nothing; null when there is none.</param>
internal sealed record ChannelLinks(string Hls, string Ts, string Watch, string? Token, DateTimeOffset? ExpiresAt)
{
    /// <summary>Links for the channel <paramref name="name"/> at the <see cref="PublicAddress"/>; without a token they are good for a public channel.</summary>
    public static ChannelLinks Of(HttpRequest request, string name, IssuedToken? token = null)
    {
        var home = PublicAddress.Of(request);
        var query = token is { } issued ? $"?token={issued.Token}" : "";
        return new ChannelLinks(
            $"{home}/live/{name}/index.m3u8{query}", $"{home}/live/{name}{query}", $"{home}/channels/{name}{query}", token?.Token, token?.ExpiresAt);
    }
}
