namespace Sluice.Server.Live.Output;

/// <summary>What tells a player of live HLS from others, of which nothing is known but its requests. Nothing in it is secret.</summary>
internal static class LivePlayer
{
    private const int Longest = 200;

    /// <summary>Apple's players say who they are; others are told apart as well as that can be.</summary>
    public static string Of(HttpContext context)
    {
        var headers = context.Request.Headers;
        var said = headers["X-Playback-Session-Id"].ToString();
        var player = said.Length > 0 ? said : $"{context.Connection.RemoteIpAddress} {headers.UserAgent}";
        return player.Length > Longest ? player[..Longest] : player;
    }
}
