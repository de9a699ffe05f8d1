using System.Buffers.Binary;

namespace Sluice.Media.Tests.Building;

/// <summary>Sample bytes that tell which track and sample they are of, so that a test sees when the wrong ones are served.</summary>
internal static class Payload
{
    private const int AvcHeaderBytes = 5;

    /// <summary><paramref name="size"/> bytes that depend on both numbers.</summary>
    public static byte[] Of(uint track, int number, int size)
    {
        var bytes = new byte[size];
        var state = (track * 0x9E3779B9u) ^ ((uint)number * 0x85EBCA6Bu) ^ 0xC2B2AE35u;
        for (var i = 0; i < size; i++)
        {
            state = (state * 1664525) + 1013904223;
            bytes[i] = (byte)(state >> 24);
        }

        return bytes;
    }

    /// <summary>One H.264 sample: a 4-byte length and one NAL unit of <paramref name="nalType"/>, 5 being IDR.</summary>
    public static byte[] Avc(uint track, int number, int size, byte nalType)
    {
        var bytes = Of(track, number, Math.Max(size, AvcHeaderBytes));
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - 4);
        bytes[4] = (byte)(0x60 | nalType);
        return bytes;
    }

    /// <summary>An open GOP's I frame: recovery point SEI (H.264 section D.1.8), then a slice that is no IDR.</summary>
    public static byte[] AvcRecoveryPoint(uint track, int number, int size) =>
        [0, 0, 0, 4, 0x06, 0x06, 0x01, 0xC4, .. Avc(track, number, size, 1)];
}
