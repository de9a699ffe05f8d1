using System.Buffers.Binary;
using System.Text;

namespace Sluice.Media.IsoBmff;

/// <summary>A four-character code (ISO/IEC 14496-12 section 4.2), compared as a number.</summary>
/// <param name="Value">The four bytes, big-endian.</param>
public readonly record struct FourCc(uint Value)
{
    /// <summary>From four Latin-1 characters.</summary>
    /// <exception cref="ArgumentException">The text is not four characters long.</exception>
    public FourCc(string code)
        : this(code.Length == 4
            ? (uint)((byte)code[0] << 24 | (byte)code[1] << 16 | (byte)code[2] << 8 | (byte)code[3])
            : throw new ArgumentException("A four-character code has four characters.", nameof(code)))
    {
    }

    /// <summary>From the first four bytes.</summary>
    public static FourCc Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <summary>Lets code compare with a literal: <c>type == "moov"</c>.</summary>
    public static implicit operator FourCc(string code) => new(code);

    /// <summary>The code as text; bytes outside printable ASCII come as <c>\xNN</c>, so that it is safe in a log.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(4);
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            var b = (byte)(Value >> shift);
            text.Append(b is >= 0x20 and < 0x7F ? ((char)b).ToString() : $"\\x{b:X2}");
        }

        return text.ToString();
    }
}
