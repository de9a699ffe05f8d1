using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>ES_Descriptor (ISO/IEC 14496-1 section 7.2.6.5) as far as a packager needs it.</summary>
internal readonly ref struct EsDescriptor
{
    private const byte EsTag = 3;
    private const byte DecoderConfigTag = 4;
    private const byte DecoderSpecificTag = 5;
    private const byte SlConfigTag = 6;
    private const byte AudioStream = 0x15; // streamType 5, upStream 0, reserved 1
    private const int DecoderConfigBytes = 13;

    public int ObjectType { get; private init; }

    public uint BufferBytes { get; private init; }

    public uint MaxBitsPerSecond { get; private init; }

    public uint AverageBitsPerSecond { get; private init; }

    /// <summary>DecoderSpecificInfo; empty when there is none.</summary>
    public ReadOnlySpan<byte> Specific { get; private init; }

    /// <summary>Reads the body of an <c>esds</c> box.</summary>
    public static bool TryParse(ReadOnlySpan<byte> esds, out EsDescriptor descriptor)
    {
        descriptor = default;
        var reader = new SpanReader(esds);
        reader.Skip(4); // version and flags
        var es = new SpanReader(ReadTagged(ref reader, EsTag));
        es.Skip(2);
        var flags = es.ReadUInt8();
        es.Skip((flags & 0x80) != 0 ? 2 : 0); // dependsOn_ES_ID
        es.Skip((flags & 0x40) != 0 ? es.ReadUInt8() : 0); // URL
        es.Skip((flags & 0x20) != 0 ? 2 : 0); // OCR_ES_ID
        var config = new SpanReader(ReadTagged(ref es, DecoderConfigTag));
        var objectType = config.ReadUInt8();
        config.Skip(1);
        var buffer = config.ReadUInt24();
        var most = config.ReadUInt32();
        var average = config.ReadUInt32();
        if (config.Failed)
        {
            return false;
        }

        descriptor = new EsDescriptor
        {
            ObjectType = objectType,
            BufferBytes = buffer,
            MaxBitsPerSecond = most,
            AverageBitsPerSecond = average,
            Specific = ReadTagged(ref config, DecoderSpecificTag),
        };
        return true;
    }

    /// <summary>Writes a whole <c>esds</c> box for an audio stream.</summary>
    public static void Write(SpanWriter writer, int objectType, EsDescriptor rates, ReadOnlySpan<byte> specific)
    {
        var specificBytes = specific.IsEmpty ? 0 : TaggedBytes(specific.Length);
        var configBytes = DecoderConfigBytes + specificBytes;
        var start = writer.BeginFullBox("esds", 0, 0);
        WriteTag(writer, EsTag, 3 + TaggedBytes(configBytes) + TaggedBytes(1));
        writer.WriteUInt16(0); // ES_ID is 0 inside a file (ISO/IEC 14496-14 section 3.1.2)
        writer.WriteUInt8(0);
        WriteTag(writer, DecoderConfigTag, configBytes);
        writer.WriteUInt8((byte)objectType);
        writer.WriteUInt8(AudioStream);
        writer.WriteUInt24(rates.BufferBytes);
        writer.WriteUInt32(rates.MaxBitsPerSecond);
        writer.WriteUInt32(rates.AverageBitsPerSecond);
        if (!specific.IsEmpty)
        {
            WriteTag(writer, DecoderSpecificTag, specific.Length);
            writer.WriteBytes(specific);
        }

        WriteTag(writer, SlConfigTag, 1);
        writer.WriteUInt8(2); // predefined: in an MP4 file
        writer.EndBox(start);
    }

    /// <summary>Steps over descriptors until one of <paramref name="tag"/>; a length beyond the end is cut there.</summary>
    private static ReadOnlySpan<byte> ReadTagged(scoped ref SpanReader reader, byte tag)
    {
        while (reader.Remaining >= 2)
        {
            var found = reader.ReadUInt8();
            var length = 0;
            for (var i = 0; i < 4; i++)
            {
                var b = reader.ReadUInt8();
                length = (length << 7) | (b & 0x7F);
                if ((b & 0x80) == 0)
                {
                    break;
                }
            }

            var body = reader.ReadBytes(Math.Min(length, reader.Remaining));
            if (found == tag)
            {
                return body;
            }
        }

        return [];
    }

    // Lengths take four bytes, as most writers do: some readers look at fixed offsets.
    private static int TaggedBytes(int bodyBytes) => 5 + bodyBytes;

    private static void WriteTag(SpanWriter writer, byte tag, int bodyBytes)
    {
        writer.WriteUInt8(tag);
        for (var shift = 21; shift >= 0; shift -= 7)
        {
            writer.WriteUInt8((byte)(((bodyBytes >> shift) & 0x7F) | (shift > 0 ? 0x80 : 0)));
        }
    }
}
