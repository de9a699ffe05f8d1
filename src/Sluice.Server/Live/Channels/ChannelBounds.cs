namespace Sluice.Server.Live.Channels;

/// <summary>What the numbers and texts of a channel may be, whoever gives them.</summary>
internal static class ChannelBounds
{
    /// <summary>URLs of one channel: the first and those that stand in for it.</summary>
    public const int MostUrls = 10;

    /// <summary>Further headers of one channel.</summary>
    public const int MostHeaders = 32;

    /// <summary>Longest value of a header and of a user agent, in characters.</summary>
    public const int LongestHeader = 4096;

    /// <summary>Least memory of a channel: two segments of a second, at 4 Mbit/s.</summary>
    public const long LeastBufferBytes = 1L << 20;

    /// <summary>Most memory of a channel.</summary>
    public const long MostBufferBytes = 4L << 30;

    /// <summary>Most seconds for which an upstream is kept without viewers: a day.</summary>
    public const int MostIdleSeconds = 86_400;

    /// <summary>Most segments that are fetched at a time.</summary>
    public const int MostThreads = 32;

    /// <summary>Most seconds of patience.</summary>
    public const int MostTimeoutSeconds = 300;

    /// <summary>Lines that a limit on the picture may be.</summary>
    public const int LeastHeight = 16;

    /// <summary>Lines that a limit on the picture may be at most.</summary>
    public const int MostHeight = 16_384;

    /// <summary>Bits per second that a limit may be.</summary>
    public const long LeastBitrate = 1000;

    /// <summary>Bits per second that a limit may be at most.</summary>
    public const long MostBitrate = 1_000_000_000;

    /// <summary>Viewers that a limit may be at most.</summary>
    public const int MostViewers = 1_000_000;

    /// <summary>Headers that belong to one connection or to the way in which we ask, and are none of a channel's business.</summary>
    private static readonly HashSet<string> Ours = new(
        ["Host", "Connection", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length",
         "Content-Type", "Accept-Encoding", "Range", "If-Range", "User-Agent"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a channel may have requests carry this header (RFC 9110 section 5.6.2).</summary>
    public static bool IsHeader(string name) =>
        name.Length is > 0 and <= 64 && name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c)) && !Ours.Contains(name);

    /// <summary>Whether this may be the value of a header: nothing that would end it.</summary>
    public static bool IsHeaderValue(string value) => value.Length <= LongestHeader && value.All(static c => c is >= ' ' and <= '~');
}
