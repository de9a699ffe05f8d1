using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff;

/// <summary>Where the body of one box lies in its file.</summary>
/// <param name="Type">The box type.</param>
/// <param name="Start">Offset of the whole box.</param>
/// <param name="BodyStart">Offset of the first byte after the header.</param>
/// <param name="BodyLength">Bytes of the body that the file really holds.</param>
/// <param name="Truncated">The box claims more than its container holds.</param>
internal readonly record struct BoxRegion(FourCc Type, long Start, long BodyStart, long BodyLength, bool Truncated)
{
    /// <summary>First offset after the box.</summary>
    public long End => BodyStart + BodyLength;

    /// <summary>Walks the boxes in <c>[start, start+length)</c> of <paramref name="source"/>, in file order.</summary>
    public static IEnumerable<BoxRegion> Walk(IByteSource source, long start, long length)
    {
        var window = new ByteWindow(source, start, length);
        while (window.Remaining >= 8)
        {
            var at = window.Position;
            if (Read(window.Peek(BoxHeader.MaxBytes), at, at + window.Remaining) is not { } box)
            {
                yield break;
            }

            yield return box;
            window.SeekTo(box.End);
        }
    }

    /// <summary>The box at <paramref name="at"/>, from the bytes there, up to <see cref="BoxHeader.MaxBytes"/> of them; null when they are
    /// none.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="at">Where they lie.</param>
    /// <param name="end">Where what holds the box ends.</param>
    public static BoxRegion? Read(ReadOnlySpan<byte> bytes, long at, long end)
    {
        if (!BoxHeader.TryRead(bytes, out var header))
        {
            return null;
        }

        var available = end - at;
        var size = header.SizeBytes == 0 ? available : header.SizeBytes;
        var taken = Math.Min(size, available);
        return taken < header.HeaderBytes
            ? null
            : new BoxRegion(header.Type, at, at + header.HeaderBytes, taken - header.HeaderBytes, size > available);
    }

    /// <summary>Walks the boxes inside this one.</summary>
    public IEnumerable<BoxRegion> Children(IByteSource source) => Walk(source, BodyStart, BodyLength);

    /// <summary>The first child of <paramref name="type"/>, or null.</summary>
    public BoxRegion? Child(IByteSource source, FourCc type)
    {
        foreach (var child in Children(source))
        {
            if (child.Type == type)
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>The body in memory; null when it is longer than <paramref name="limitBytes"/> or cannot be read whole.</summary>
    public byte[]? Load(IByteSource source, int limitBytes)
    {
        if (BodyLength > limitBytes)
        {
            return null;
        }

        var body = new byte[BodyLength];
        return source.TryFill(BodyStart, body) ? body : null;
    }
}
