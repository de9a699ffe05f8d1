using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>All that a person needs to watch one asset. URLs are absolute and carry the token.</summary>
/// <param name="Hls">The HLS playlist.</param>
/// <param name="Dash">The MPD; null where there is none, since segments are encrypted as only HLS has it.</param>
/// <param name="Watch">The page for people.</param>
/// <param name="Token">The token alone.</param>
/// <param name="ExpiresAt">From when on it opens nothing.</param>
/// <param name="Poster">The title's picture, or null.</param>
/// <param name="Storyboard">WebVTT of small pictures of all of it, or null.</param>
/// <param name="Subtitles">Subtitles, which the manifests offer too.</param>
/// <param name="Reports">Where a player tells how playback went; null when nobody wants to know.</param>
/// <param name="Download">The file that the title was made of, to be kept; null when that is not allowed.</param>
internal sealed record PlaybackLinks(
    string Hls, string? Dash, string Watch, string Token, DateTimeOffset ExpiresAt, string? Poster, string? Storyboard,
    IReadOnlyList<SubtitleLink> Subtitles, string? Reports, string? Download)
{
    /// <summary>Links for <paramref name="asset"/> at the <see cref="PublicAddress"/>.</summary>
    public static PlaybackLinks Of(HttpRequest request, Asset asset, IssuedToken token)
    {
        var home = PublicAddress.Of(request);
        var query = $"?token={token.Token}";
        var options = request.HttpContext.RequestServices.GetRequiredService<SluiceOptions>();
        return new PlaybackLinks(
            $"{home}/stream/{asset.Id}/master.m3u8{query}",
            asset.Secret is null ? $"{home}/stream/{asset.Id}/manifest.mpd{query}" : null,
            $"{home}/watch/{asset.Id}{query}",
            token.Token,
            token.ExpiresAt,
            asset.Extras.HasPoster ? $"{home}/stream/{asset.Id}/poster.jpg{query}" : null,
            asset.Extras.Storyboard is null ? null : $"{home}/stream/{asset.Id}/storyboard.vtt{query}",
            [
                .. asset.Extras.Subtitles.Select(s => new SubtitleLink(
                    s.Id, s.Language, s.Name, s.IsDefault, s.IsForced, s.Origin,
                    $"{home}/stream/{asset.Id}/{asset.ServedVersion}/{s.Id}/subtitles.vtt{query}")),
            ],
            options.Quality.Reports ? $"{home}/api/v1/media/{asset.Id}/playbacks{query}" : null,
            asset.State != AssetState.Arriving && DownloadRule.Refusal(asset, options) is null ? $"{home}/stream/{asset.Id}/download{query}" : null);
    }
}

/// <summary>Subtitles of an asset and where they are.</summary>
/// <param name="Id">Name among the asset's subtitles.</param>
/// <param name="Language">BCP 47 tag, or null.</param>
/// <param name="Name">Shown to people, or null.</param>
/// <param name="IsDefault">To be shown when the viewer has not chosen.</param>
/// <param name="IsForced">Only what must be understood although the viewer knows the sound's language.</param>
/// <param name="Origin">Where they came from.</param>
/// <param name="Url">WebVTT of the whole title.</param>
internal sealed record SubtitleLink(
    string Id, string? Language, string? Name, bool IsDefault, bool IsForced, SubtitleOrigin Origin, string Url);
