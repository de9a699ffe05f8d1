namespace Sluice.Server.Store.PipeKv;

/// <summary>Whether a value is what its name says. Servers in between answer with pages and excuses of their own, under status 200.</summary>
internal static class PipeKvContent
{
    /// <summary>Bytes by which it is known: two packets' beginnings.</summary>
    public const int HeadBytes = PacketBytes + 1;

    private const int PacketBytes = 188; // ISO/IEC 13818-1 section 2.4.3.2
    private const byte Sync = 0x47;
    private const int CipherBytes = 16; // AES-128 in CBC mode with padding, RFC 8216 section 4.3.2.4

    /// <summary>Looks at the beginning of a value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mediaType">What the node says it to be. Often that is what whoever put it there did not care about.</param>
    /// <param name="head">Its first <see cref="HeadBytes"/>, or all of it.</param>
    /// <param name="lengthBytes">Of all of it; null when it is not known.</param>
    /// <exception cref="PipeKvException">It is something else, or a part of it.</exception>
    public static void Require(string name, string mediaType, ReadOnlySpan<byte> head, long? lengthBytes)
    {
        if (head.IsEmpty)
        {
            throw new PipeKvException("The value is empty.");
        }

        if (name.EndsWith(".m3u8", StringComparison.Ordinal) && !IsPlaylist(head))
        {
            throw new PipeKvException("The value is no playlist.");
        }

        if (name.EndsWith(".ts", StringComparison.Ordinal))
        {
            RequireSegment(mediaType, head, lengthBytes);
        }
    }

    private static void RequireSegment(string mediaType, ReadOnlySpan<byte> head, long? lengthBytes)
    {
        if (head[0] == Sync && (head.Length < HeadBytes || head[PacketBytes] == Sync))
        {
            if (lengthBytes % PacketBytes is > 0)
            {
                throw new PipeKvException("The value ends in the middle of a packet, so it is not whole.");
            }

            return;
        }

        // What is encrypted looks like anything, but not like text; of whole packets, it is longer than one, and of whole cipher blocks.
        if (head.Length < HeadBytes || IsTextType(mediaType) || IsText(head) || lengthBytes % CipherBytes is > 0)
        {
            throw new PipeKvException("The value is no segment.");
        }
    }

    private static bool IsTextType(string mediaType) =>
        mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || mediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase)
        || mediaType.EndsWith("xml", StringComparison.OrdinalIgnoreCase);

    private static bool IsText(ReadOnlySpan<byte> head) => head.IndexOfAnyExceptInRange((byte)' ', (byte)'~') switch
    {
        < 0 => true,
        var at when head[at] is (byte)'\r' or (byte)'\n' or (byte)'\t' => IsText(head[(at + 1)..]),
        _ => false,
    };

    private static bool IsPlaylist(ReadOnlySpan<byte> head)
    {
        var text = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        return text.StartsWith("#EXTM3U"u8); // RFC 8216 section 4.3.1.1
    }
}
