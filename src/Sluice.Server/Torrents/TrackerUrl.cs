namespace Sluice.Server.Torrents;

/// <summary>Addresses of trackers as links and torrents name them. Whether they may be asked is seen when they are: see <see cref="PeerFilter"/>.</summary>
internal static class TrackerUrl
{
    /// <summary>Trackers of one torrent that are asked.</summary>
    public const int Most = 32;

    private const int Longest = 1024;

    /// <summary>Adds an address, when it is one of http, https or udp (BEP 15) and there is room; anything else is left out.</summary>
    public static void AddTo(List<string> trackers, string text)
    {
        if (trackers.Count < Most
            && text.Length <= Longest && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            && Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https" or "udp"
            && url.IdnHost.Length > 0 && (url.Port is > 0 and <= 65535) && url.UserInfo.Length == 0
            && !trackers.Contains(url.AbsoluteUri))
        {
            trackers.Add(url.AbsoluteUri);
        }
    }
}
