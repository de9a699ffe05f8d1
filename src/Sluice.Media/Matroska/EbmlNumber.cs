using System.Numerics;

namespace Sluice.Media.Matroska;

/// <summary>Variable-size integers of EBML (RFC 8794 section 4): as many leading zero bits as there are more bytes, a marker bit, the number.</summary>
internal static class EbmlNumber
{
    /// <summary>Reads the number at the start of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">From the number on.</param>
    /// <param name="keepMarker">The marker bit is a part of the number, as in ids.</param>
    /// <param name="value">The number.</param>
    /// <param name="length">Bytes that it takes, 1 to 8.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, bool keepMarker, out ulong value, out int length)
    {
        (value, length) = (0, 0);
        if (bytes.IsEmpty || bytes[0] == 0)
        {
            return false;
        }

        length = BitOperations.LeadingZeroCount((uint)bytes[0]) - 24 + 1;
        if (length > bytes.Length)
        {
            return false;
        }

        foreach (var b in bytes[..length])
        {
            value = (value << 8) | b;
        }

        if (!keepMarker)
        {
            value ^= 1UL << (7 * length);
        }

        return true;
    }

    /// <summary>The reserved number of <paramref name="length"/> bytes that says "unknown": all bits set.</summary>
    public static ulong Unknown(int length) => (1UL << (7 * length)) - 1;
}
