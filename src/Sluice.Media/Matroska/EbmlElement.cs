using Sluice.Media.Binary;

namespace Sluice.Media.Matroska;

/// <summary>Head of one EBML element (RFC 8794 section 6): its id with the marker bit, and where its body lies.</summary>
/// <param name="Id">As the specification writes it, e.g. 0x1F43B675 for a Cluster.</param>
/// <param name="Offset">Where the head begins.</param>
/// <param name="BodyOffset">Where the body begins.</param>
/// <param name="BodyBytes">Length of the body; null for one of unknown size, which a live muxer writes.</param>
internal readonly record struct EbmlElement(uint Id, long Offset, long BodyOffset, long? BodyBytes)
{
    /// <summary>Longest head: four bytes of id, eight of size.</summary>
    public const int MostHeadBytes = 12;

    /// <summary>Where the next element begins; null when only its parent's other children can tell.</summary>
    public long? End => BodyOffset + BodyBytes;

    /// <summary>Reads the head at the window's position and stands behind it; false where there is none.</summary>
    public static bool TryRead(ByteWindow window, out EbmlElement element)
    {
        var offset = window.Position;
        element = default;
        if (!TryRead(window.Peek(MostHeadBytes), out var id, out var size, out var headBytes) || size > long.MaxValue - offset - headBytes)
        {
            return false;
        }

        element = new EbmlElement(id, offset, offset + headBytes, size);
        window.SeekTo(offset + headBytes);
        return true;
    }

    /// <summary>Reads the head at the start of <paramref name="bytes"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out uint id, out long? size, out int headBytes)
    {
        (id, size, headBytes) = (0, 0, 0);
        if (!EbmlNumber.TryRead(bytes, keepMarker: true, out var rawId, out var idBytes) || idBytes > 4
            || !EbmlNumber.TryRead(bytes[idBytes..], keepMarker: false, out var rawSize, out var sizeBytes))
        {
            return false;
        }

        (id, headBytes) = ((uint)rawId, idBytes + sizeBytes);
        size = rawSize == EbmlNumber.Unknown(sizeBytes) ? null : (long)rawSize;
        return true;
    }
}
