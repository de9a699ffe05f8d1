using System.Buffers.Binary;

namespace Sluice.Bench.Killed;

/// <summary>Whether bytes are one whole CMAF segment (ISO/IEC 23000-19 section 7.3.2.3).</summary>
internal static class SegmentCheck
{
    /// <summary>What is wrong; null when the boxes fill it exactly and the samples of the moof fill the mdat.</summary>
    public static string? WhatIsWrong(ReadOnlySpan<byte> segment)
    {
        long samples = 0, payload = 0;
        var fragments = 0;
        for (var at = 0; at < segment.Length;)
        {
            if (!TryBox(segment[at..], out var size))
            {
                return $"a box at {at} of {segment.Length} bytes does not end";
            }

            var body = segment.Slice(at + 8, size - 8);
            fragments += IsType(segment[at..], "moof"u8) ? 1 : 0;
            samples += IsType(segment[at..], "moof"u8) ? SampleBytes(body) : 0;
            payload += IsType(segment[at..], "mdat"u8) ? body.Length : 0;
            at += size;
        }

        return fragments == 0 ? "there is no moof" : samples != payload ? $"samples of {samples} bytes in a payload of {payload}" : null;
    }

    private static long SampleBytes(ReadOnlySpan<byte> boxes)
    {
        long bytes = 0, defaultSize = 0;
        for (var at = 0; at < boxes.Length && TryBox(boxes[at..], out var size); at += size)
        {
            var box = boxes[at..];
            var body = boxes.Slice(at + 8, size - 8);
            if (IsType(box, "traf"u8))
            {
                bytes += SampleBytes(body);
            }
            else if (IsType(box, "tfhd"u8))
            {
                defaultSize = DefaultSize(body);
            }
            else if (IsType(box, "trun"u8))
            {
                bytes += RunBytes(body, defaultSize);
            }
        }

        return bytes;
    }

    // ISO/IEC 14496-12 section 8.8.7: optional fields in the order of their flags.
    private static long DefaultSize(ReadOnlySpan<byte> tfhd)
    {
        var flags = BinaryPrimitives.ReadUInt32BigEndian(tfhd) & 0xFFFFFF;
        var at = 8 + ((flags & 0x1) != 0 ? 8 : 0) + ((flags & 0x2) != 0 ? 4 : 0) + ((flags & 0x8) != 0 ? 4 : 0);
        return (flags & 0x10) != 0 ? BinaryPrimitives.ReadUInt32BigEndian(tfhd[at..]) : 0;
    }

    // Section 8.8.8.
    private static long RunBytes(ReadOnlySpan<byte> trun, long defaultSize)
    {
        var flags = BinaryPrimitives.ReadUInt32BigEndian(trun) & 0xFFFFFF;
        var count = BinaryPrimitives.ReadUInt32BigEndian(trun[4..]);
        if ((flags & 0x200) == 0)
        {
            return count * defaultSize;
        }

        var at = 8 + ((flags & 0x1) != 0 ? 4 : 0) + ((flags & 0x4) != 0 ? 4 : 0) + ((flags & 0x100) != 0 ? 4 : 0);
        var step = 4 + ((flags & 0x100) != 0 ? 4 : 0) + ((flags & 0x400) != 0 ? 4 : 0) + ((flags & 0x800) != 0 ? 4 : 0);
        long bytes = 0;
        for (var i = 0; i < count; i++, at += step)
        {
            bytes += BinaryPrimitives.ReadUInt32BigEndian(trun[at..]);
        }

        return bytes;
    }

    private static bool IsType(ReadOnlySpan<byte> box, ReadOnlySpan<byte> type) => box.Slice(4, 4).SequenceEqual(type);

    private static bool TryBox(ReadOnlySpan<byte> bytes, out int size)
    {
        size = bytes.Length >= 8 ? (int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32BigEndian(bytes)) : 0;
        return size >= 8 && size <= bytes.Length;
    }
}
