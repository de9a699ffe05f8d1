namespace Sluice.Media.IsoBmff;

/// <summary>
/// Walks the boxes that lie side by side in a span that is already in memory. A box that claims more than is there
/// is cut at the end and marked <see cref="Truncated"/>; nothing is allocated.
/// </summary>
public ref struct BoxReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the first box in <paramref name="boxes"/>.</summary>
    public BoxReader(ReadOnlySpan<byte> boxes) => _rest = boxes;

    /// <summary>Type of the current box.</summary>
    public FourCc Type { get; private set; }

    /// <summary>Body of the current box, without its header.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>The current box with its header.</summary>
    public ReadOnlySpan<byte> Whole { get; private set; }

    /// <summary>The current box claimed more bytes than there were.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Steps to the next box; false at the end or at bytes that are no box.</summary>
    public bool Next()
    {
        if (!BoxHeader.TryRead(_rest, out var header) || header.HeaderBytes > _rest.Length)
        {
            return false;
        }

        var size = header.SizeBytes == 0 ? _rest.Length : header.SizeBytes;
        Truncated = size > _rest.Length;
        var taken = (int)Math.Min(size, _rest.Length);
        Type = header.Type;
        Whole = _rest[..taken];
        Body = Whole[header.HeaderBytes..];
        _rest = _rest[taken..];
        return true;
    }

    /// <summary>Body of the first box of <paramref name="type"/> in <paramref name="boxes"/>; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> boxes, FourCc type)
    {
        var reader = new BoxReader(boxes);
        while (reader.Next())
        {
            if (reader.Type == type)
            {
                return reader.Body;
            }
        }

        return [];
    }
}
