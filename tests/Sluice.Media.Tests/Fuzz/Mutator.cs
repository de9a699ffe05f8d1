using System.Buffers.Binary;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>
/// Seeded mutations of bytes, most of them aware of boxes: those that a parser of ISO base media files has to survive.
/// The same seed gives the same inputs.
/// </summary>
internal sealed class Mutator(int seed)
{
    /// <summary>Bytes; longer mutants are cut.</summary>
    public const int LargestInput = 1 << 16;

    private static readonly uint[] Edges =
        [0, 1, 2, 7, 8, 9, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];

    private readonly Random _random = new(seed);

    /// <summary>A mutant of <paramref name="input"/>; pieces of <paramref name="other"/> may come into it.</summary>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = input.ToList();
        for (var rounds = _random.Next(1, 6); rounds > 0; rounds--)
        {
            Once(bytes, other);
        }

        return bytes.Count > LargestInput ? bytes.GetRange(0, LargestInput).ToArray() : [.. bytes];
    }

    private void Once(List<byte> bytes, byte[] other)
    {
        var boxes = Boxes(bytes);
        switch (_random.Next(boxes.Count == 0 ? 6 : 12))
        {
            case 0 when bytes.Count > 0:
                bytes[_random.Next(bytes.Count)] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[_random.Next(bytes.Count)] = (byte)_random.Next(256);
                break;
            case 2 when bytes.Count >= 4:
                Write(bytes, _random.Next(bytes.Count - 3), Edges[_random.Next(Edges.Length)]);
                break;
            case 3 when bytes.Count > 0:
                var cut = _random.Next(bytes.Count);
                bytes.RemoveRange(cut, bytes.Count - cut);
                break;
            case 4:
                Splice(bytes, other);
                break;
            case 5 when bytes.Count > 0:
                var from = _random.Next(bytes.Count);
                bytes.RemoveRange(from, Math.Min(_random.Next(1, 32), bytes.Count - from));
                break;
            case 6: // A box's size.
                Write(bytes, Any(boxes).Start, _random.Next(2) == 0
                    ? Edges[_random.Next(Edges.Length)]
                    : (uint)(Any(boxes).Size + _random.Next(-16, 17)));
                break;
            case 7: // A box twice.
                var twice = Any(boxes);
                bytes.InsertRange(twice.Start, bytes.GetRange(twice.Start, twice.Size));
                break;
            case 8: // A box gone.
                var gone = Any(boxes);
                bytes.RemoveRange(gone.Start, gone.Size);
                break;
            case 9: // A box in another's place.
                var moved = Any(boxes);
                var copy = bytes.GetRange(moved.Start, moved.Size);
                bytes.InsertRange(Any(boxes).Start, copy);
                break;
            case 10: // A field near the head of a box: version, flags, counts.
                var box = Any(boxes);
                Write(bytes, Math.Min(box.Start + 8 + (4 * _random.Next(4)), bytes.Count - 4), Edges[_random.Next(Edges.Length)]);
                break;
            default: // A 32-bit number moved a little, anywhere.
                if (bytes.Count >= 4)
                {
                    var at = _random.Next(bytes.Count - 3) & ~3;
                    Write(bytes, at, Read(bytes, at) + (uint)_random.Next(-4, 5));
                }

                break;
        }
    }

    private void Splice(List<byte> bytes, byte[] other)
    {
        if (other.Length == 0)
        {
            return;
        }

        var from = _random.Next(other.Length);
        var length = _random.Next(1, Math.Min(256, other.Length - from) + 1);
        bytes.InsertRange(_random.Next(bytes.Count + 1), other.AsSpan(from, length).ToArray());
    }

    private (int Start, int Size) Any(List<(int Start, int Size)> boxes) => boxes[_random.Next(boxes.Count)];

    /// <summary>Everything that looks like a box: four printable letters behind a size that fits.</summary>
    private static List<(int Start, int Size)> Boxes(List<byte> bytes)
    {
        var found = new List<(int, int)>();
        for (var at = 0; at + 8 <= bytes.Count; at++)
        {
            var size = Read(bytes, at);
            if (size >= 8 && size <= bytes.Count - at
                && bytes[at + 4] is >= 0x20 and < 0x7F && bytes[at + 5] is >= 0x20 and < 0x7F
                && bytes[at + 6] is >= 0x20 and < 0x7F && bytes[at + 7] is >= 0x20 and < 0x7F)
            {
                found.Add((at, (int)size));
            }
        }

        return found;
    }

    private static uint Read(List<byte> bytes, int at) =>
        ((uint)bytes[at] << 24) | ((uint)bytes[at + 1] << 16) | ((uint)bytes[at + 2] << 8) | bytes[at + 3];

    private static void Write(List<byte> bytes, int at, uint value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, value);
        for (var i = 0; i < 4; i++)
        {
            bytes[at + i] = four[i];
        }
    }
}
