using System.Buffers;

namespace Sluice.Media.Manifests;

/// <summary>
/// A finished manifest with gaps where each viewer's query string goes. Made once, kept in a cache, rendered per
/// request by copying; immutable and safe for any number of threads.
/// </summary>
/// <remarks>
/// A query is empty or a URI query with its question mark, such as <c>?token=abc</c>, in the characters that RFC 3986
/// section 3.4 allows; anything else throws <see cref="ArgumentException"/>, so no viewer can write into a manifest.
/// It is given unescaped: the template escapes it as its format needs.
/// </remarks>
public sealed class ManifestTemplate
{
    private readonly byte[] _text;
    private readonly int[] _gaps;

    /// <param name="text">The manifest without queries, UTF-8.</param>
    /// <param name="gaps">Ascending positions in <paramref name="text"/> before which the query is inserted.</param>
    /// <param name="escaping">How the query is spelled at the gaps.</param>
    internal ManifestTemplate(byte[] text, int[] gaps, QueryEscaping escaping)
    {
        _text = text;
        _gaps = gaps;
        Escaping = escaping;
    }

    /// <summary>How <see cref="Render(ReadOnlySpan{byte}, IBufferWriter{byte})"/> spells the query.</summary>
    public QueryEscaping Escaping { get; }

    /// <summary>Memory that the template holds, in bytes, for cache accounting.</summary>
    public long SizeBytes => _text.LongLength + ((long)_gaps.Length * sizeof(int)) + 96;

    /// <summary>Length of the rendered manifest in bytes: its Content-Length.</summary>
    /// <exception cref="ArgumentException">The query is not a URI query.</exception>
    /// <exception cref="OverflowException">The manifest would be 2 GiB or more.</exception>
    public int GetLength(ReadOnlySpan<byte> query) => LengthWith(ManifestUri.EscapeQuery(query, Escaping));

    /// <summary>Writes the whole manifest, in pieces as large as <paramref name="output"/> offers by itself.</summary>
    /// <exception cref="ArgumentException">The query is not a URI query.</exception>
    public void Render(ReadOnlySpan<byte> query, IBufferWriter<byte> output)
    {
        var spelled = ManifestUri.EscapeQuery(query, Escaping);
        var length = LengthWith(spelled);
        for (var offset = 0; offset < length;)
        {
            var written = Fill(spelled, offset, output.GetSpan());
            output.Advance(written);
            offset += written;
        }
    }

    /// <summary>Writes the part of the manifest that begins at byte <paramref name="offset"/> and fits into
    /// <paramref name="destination"/>: the whole, a byte range, or one piece of a long playlist after the other.</summary>
    /// <returns>Bytes written; fewer than the destination holds only at the manifest's end.</returns>
    /// <exception cref="ArgumentException">The query is not a URI query.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative or beyond the end.</exception>
    public int Render(ReadOnlySpan<byte> query, int offset, Span<byte> destination)
    {
        var spelled = ManifestUri.EscapeQuery(query, Escaping);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, LengthWith(spelled));
        return Fill(spelled, offset, destination);
    }

    private int LengthWith(ReadOnlySpan<byte> query) => checked(_text.Length + (_gaps.Length * query.Length));

    private int Fill(ReadOnlySpan<byte> query, int offset, Span<byte> destination)
    {
        var gap = FirstGapEndingAfter(offset, query.Length);
        var text = offset - (gap * query.Length);
        var rest = destination;
        for (; gap < _gaps.Length && !rest.IsEmpty; gap++)
        {
            // An offset inside the inserted query lies "behind" its gap by as many bytes as are already out.
            var at = _gaps[gap];
            if (text < at)
            {
                rest = Copy(_text.AsSpan(text, at - text), rest);
                text = at;
            }

            rest = Copy(query[(text - at)..], rest);
            text = at;
        }

        if (gap == _gaps.Length)
        {
            rest = Copy(_text.AsSpan(text), rest);
        }

        return destination.Length - rest.Length;
    }

    private static Span<byte> Copy(ReadOnlySpan<byte> piece, Span<byte> destination)
    {
        var count = Math.Min(piece.Length, destination.Length);
        piece[..count].CopyTo(destination);
        return destination[count..];
    }

    private int FirstGapEndingAfter(int offset, int queryLength)
    {
        int low = 0, high = _gaps.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_gaps[middle] + ((middle + 1) * queryLength) > offset)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
