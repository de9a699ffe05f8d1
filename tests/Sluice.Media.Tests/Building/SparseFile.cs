using System.Buffers.Binary;
using System.Text;
using Sluice.Media.Binary;

namespace Sluice.Media.Tests.Building;

/// <summary>A file of any length that is computed where it is read; nothing of it is held but small parts.</summary>
internal sealed class SparseFile : IByteSource
{
    private readonly List<(long Start, Part Part)> _parts = [];

    public SparseFile(params Part[] parts)
    {
        foreach (var part in parts)
        {
            Flatten(part);
        }
    }

    public long Length { get; private set; }

    public int Read(long offset, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length && offset + done < Length)
        {
            var (start, part) = Find(offset + done);
            var within = offset + done - start;
            var count = (int)Math.Min(destination.Length - done, part.Length - within);
            part.Fill(within, destination.Slice(done, count));
            done += count;
        }

        return done;
    }

    public static Part Bytes(byte[] bytes) => new(bytes.Length, (at, to) => bytes.AsSpan((int)at, to.Length).CopyTo(to), []);

    /// <summary><paramref name="count"/> 32-bit numbers, each computed from its place.</summary>
    public static Part Words(long count, Func<long, uint> word) => new(count * 4, (at, to) =>
    {
        Span<byte> four = stackalloc byte[4];
        for (var i = 0; i < to.Length; i++)
        {
            if (i == 0 || ((at + i) & 3) == 0)
            {
                BinaryPrimitives.WriteUInt32BigEndian(four, word((at + i) / 4));
            }

            to[i] = four[(int)((at + i) & 3)];
        }
    }, []);

    /// <summary>A box around other parts; with a 64-bit size where it must.</summary>
    public static Part Box(string type, params Part[] body)
    {
        var length = body.Sum(p => p.Length);
        var header = new byte[length + 8 > uint.MaxValue ? 16 : 8];
        BinaryPrimitives.WriteUInt32BigEndian(header, header.Length == 16 ? 1 : (uint)length + 8);
        Encoding.ASCII.GetBytes(type, header.AsSpan(4));
        if (header.Length == 16)
        {
            BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(8), length + 16);
        }

        return new Part(header.Length + length, (_, _) => { }, [Bytes(header), .. body]);
    }

    private (long Start, Part Part) Find(long offset)
    {
        int low = 0, high = _parts.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _parts[middle].Start <= offset ? (middle, high) : (low, middle - 1);
        }

        return _parts[low];
    }

    private void Flatten(Part part)
    {
        if (part.Inner.Length > 0)
        {
            foreach (var inner in part.Inner)
            {
                Flatten(inner);
            }
        }
        else if (part.Length > 0)
        {
            _parts.Add((Length, part));
            Length += part.Length;
        }
    }

    internal delegate void Filler(long at, Span<byte> destination);

    /// <param name="Length">Bytes.</param>
    /// <param name="Fill">Writes the bytes from an offset within the part.</param>
    /// <param name="Inner">The parts that this one is made of, if any.</param>
    internal sealed record Part(long Length, Filler Fill, Part[] Inner);
}
