using System.Buffers.Binary;
using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Codecs;

/// <summary>
/// Fixed part of a VisualSampleEntry or AudioSampleEntry (ISO/IEC 14496-12 sections 12.1.3 and 12.2.3) and of the
/// QuickTime sound descriptions version 1 and 2, and where the boxes inside begin.
/// </summary>
internal readonly ref struct SampleEntryLayout
{
    private const int VisualBytes = 78;
    private const int SoundBytes = 28;
    private const int SoundVersion1Bytes = 44;
    private const int SoundVersion2Bytes = 64;

    private SampleEntryLayout(ReadOnlySpan<byte> children) => Children = children;

    /// <summary>The boxes inside the entry.</summary>
    public ReadOnlySpan<byte> Children { get; private init; }

    public int Width { get; private init; }

    public int Height { get; private init; }

    public int ChannelCount { get; private init; }

    public int SampleBits { get; private init; }

    public int SampleRate { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> body, TrackKind kind, out SampleEntryLayout layout)
    {
        layout = new SampleEntryLayout([]);
        if (body.Length < (kind == TrackKind.Video ? VisualBytes : SoundBytes))
        {
            return false;
        }

        if (kind == TrackKind.Video)
        {
            layout = new SampleEntryLayout(body[VisualBytes..])
            {
                Width = BinaryPrimitives.ReadUInt16BigEndian(body[24..]),
                Height = BinaryPrimitives.ReadUInt16BigEndian(body[26..]),
            };
            return true;
        }

        layout = ReadSound(body);
        return true;
    }

    /// <summary>A box inside the entry, or inside the <c>wave</c> box where QuickTime puts it; empty when there is none.</summary>
    public ReadOnlySpan<byte> Find(FourCc type)
    {
        var direct = FindWhole(Children, type);
        return direct.IsEmpty ? FindWhole(BoxReader.Find(Children, "wave"), type) : direct;
    }

    /// <summary>A box that is cut off is none: it could not be written again.</summary>
    private static ReadOnlySpan<byte> FindWhole(ReadOnlySpan<byte> boxes, FourCc type)
    {
        var reader = new BoxReader(boxes);
        while (reader.Next() && !reader.Truncated)
        {
            if (reader.Type == type)
            {
                return reader.Body;
            }
        }

        return [];
    }

    private static SampleEntryLayout ReadSound(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        reader.Skip(8);
        var version = reader.ReadUInt16();
        reader.Skip(6);
        var channels = (int)reader.ReadUInt16();
        var bits = (int)reader.ReadUInt16();
        reader.Skip(4);
        var rate = (int)(reader.ReadUInt32() >> 16);
        if (version == 2 && body.Length >= SoundVersion2Bytes)
        {
            reader.Skip(4);
            var exactRate = BitConverter.UInt64BitsToDouble(reader.ReadUInt64());
            rate = exactRate is >= 0 and <= int.MaxValue ? (int)exactRate : 0;
            channels = (int)Math.Min(reader.ReadUInt32(), 255);
            reader.Skip(4);
            bits = (int)Math.Min(reader.ReadUInt32(), 64);
            return Sound(body[SoundVersion2Bytes..], channels, bits, rate);
        }

        // ISO's own version 1 has the same fixed part as version 0; QuickTime's has four more numbers. Which one this
        // is shows in whether a box begins right after the short form.
        var isQuickTime = version == 1 && body.Length >= SoundVersion1Bytes && !LooksLikeBox(body[SoundBytes..]);
        return Sound(body[(isQuickTime ? SoundVersion1Bytes : SoundBytes)..], channels, bits, rate);
    }

    private static SampleEntryLayout Sound(ReadOnlySpan<byte> children, int channels, int bits, int rate) =>
        new(children) { ChannelCount = channels, SampleBits = bits, SampleRate = rate };

    private static bool LooksLikeBox(ReadOnlySpan<byte> bytes) =>
        BoxHeader.TryRead(bytes, out var header) && header.SizeBytes <= bytes.Length
        && bytes[4..8].IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) < 0;
}
