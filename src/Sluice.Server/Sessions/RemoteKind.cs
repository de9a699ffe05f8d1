using Sluice.Media.Binary;
using Sluice.Server.Outbound.Remote;
using Sluice.Server.Probe;

namespace Sluice.Server.Sessions;

/// <summary>Tells what a file on another server is. Its first bytes say so; what its server says of it is often wrong.</summary>
internal static class RemoteKind
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Whether it is an HLS playlist (RFC 8216 section 4.3.1.1).</summary>
    public static bool IsPlaylist(ReadOnlySpan<byte> head) => WithoutMark(head).StartsWith("#EXTM3U"u8);

    /// <summary>Whether it is the description of a DASH presentation.</summary>
    public static bool IsMpd(ReadOnlySpan<byte> head) => StartsAsMarkup(head) && head[..Math.Min(head.Length, 1024)].IndexOf("<MPD"u8) >= 0;

    /// <summary>Whether it is video or audio, by its first bytes or, since one may come into the middle of a broadcast, by what its server says.</summary>
    public static bool IsMedia(RemoteBeginning beginning) => IsMovie(beginning.Head)
        || beginning.MediaType.StartsWith("video/", StringComparison.Ordinal) || beginning.MediaType.StartsWith("audio/", StringComparison.Ordinal)
        || Containers.Recognise(new MemoryByteSource(beginning.Head)) is not null;

    /// <summary>Whether it is a page for people.</summary>
    public static bool IsPage(RemoteBeginning beginning) =>
        beginning.MediaType is "text/html" or "application/xhtml+xml" && !IsPlaylist(beginning.Head) && !IsMovie(beginning.Head);

    private static bool IsMovie(ReadOnlySpan<byte> head) => head.Length >= 8 && head[4..8].SequenceEqual("ftyp"u8);

    private static bool StartsAsMarkup(ReadOnlySpan<byte> head) => WithoutMark(head).TrimStart(" \t\r\n"u8).StartsWith("<"u8);

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> head) => head.StartsWith(Mark) ? head[Mark.Length..] : head;
}
