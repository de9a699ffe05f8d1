namespace Sluice.Server.Store.PipeKv;

/// <summary>Whether a value is what its name says. Servers in between answer with pages and excuses of their own, under status 200.</summary>
internal static class PipeKvContent
{
    /// <summary>Bytes by which it is known: two packets' beginnings.</summary>
    public const int HeadBytes = PacketBytes + 1;

    private const int PacketBytes = 188; // ISO/IEC 13818-1 section 2.4.3.2
    private const byte Sync = 0x47;

    /// <summary>Looks at the beginning of a value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="head">Its first <see cref="HeadBytes"/>, or all of it.</param>
    /// <param name="lengthBytes">Of all of it; null when it is not known.</param>
    /// <exception cref="PipeKvException">It is something else, or a part of it.</exception>
    public static void Require(string name, ReadOnlySpan<byte> head, long? lengthBytes)
    {
        if (head.IsEmpty)
        {
            throw new PipeKvException("The value is empty.");
        }

        if (name.EndsWith(".m3u8", StringComparison.Ordinal) && !IsPlaylist(head))
        {
            throw new PipeKvException("The value is no playlist.");
        }

        // What is encrypted looks like anything, but hardly ever like two packets.
        var isPackets = name.EndsWith(".ts", StringComparison.Ordinal) && head.Length >= HeadBytes && head[0] == Sync && head[PacketBytes] == Sync;
        if (isPackets && lengthBytes % PacketBytes is > 0)
        {
            throw new PipeKvException("The value ends in the middle of a packet, so it is not whole.");
        }
    }

    private static bool IsPlaylist(ReadOnlySpan<byte> head)
    {
        var text = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        return text.StartsWith("#EXTM3U"u8); // RFC 8216 section 4.3.1.1
    }
}
