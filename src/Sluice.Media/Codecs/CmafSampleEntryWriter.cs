using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Codecs;

/// <summary>Writes the sample entry of a CMAF header from one that was read.</summary>
internal static class CmafSampleEntryWriter
{
    /// <summary>Boxes besides the decoder's own configuration that a player may need.</summary>
    private static readonly HashSet<FourCc> Kept =
    [
        "avcC", "hvcC", "av1C", "vpcC", "d263", "dOps", "dfLa", "dac3", "dec3", "dac4", "alac", "mhaC", "mhaP", "iacb",
        "ddts", "damr", "chnl", "pcmC", "pasp", "btrt", "clap", "mdcv", "clli", "cclv", "amve", "SmDm", "CoLL", "dvcC",
        "dvvC", "dvwC", "sinf",
    ];

    public static byte[] Write(SampleDescription description)
    {
        var boxes = new BoxReader(description.Entry);
        if (!boxes.Next() || !SampleEntryLayout.TryRead(boxes.Body, description.Kind, out var layout))
        {
            return [.. description.Entry];
        }

        var writer = new SpanWriter(description.Entry.Length + 64);
        var start = writer.BeginBox(NameOf(description));
        writer.WriteZeros(6);
        writer.WriteUInt16(1); // data_reference_index
        if (description.Kind == TrackKind.Video)
        {
            WriteVisual(writer, description, layout);
        }
        else
        {
            WriteSound(writer, description, layout);
        }

        writer.EndBox(start);
        return writer.ToArray();
    }

    private static FourCc NameOf(SampleDescription description) =>
        description.IsEncrypted ? description.Format : description.Codec switch
        {
            CodecId.H264 or CodecId.Hevc when description.Codecs.Length >= 4 => description.Codecs[..4],
            CodecId.Mp3 => "mp4a",
            _ => description.Format,
        };

    /// <summary>VisualSampleEntry (section 12.1.3).</summary>
    private static void WriteVisual(SpanWriter writer, SampleDescription description, SampleEntryLayout layout)
    {
        writer.WriteZeros(16);
        writer.WriteUInt16((ushort)Math.Min(ushort.MaxValue, layout.Width > 0 ? layout.Width : description.CodedWidth));
        writer.WriteUInt16((ushort)Math.Min(ushort.MaxValue, layout.Height > 0 ? layout.Height : description.CodedHeight));
        writer.WriteUInt32(0x0048_0000); // 72 dpi
        writer.WriteUInt32(0x0048_0000);
        writer.WriteUInt32(0);
        writer.WriteUInt16(1); // frame_count
        writer.WriteZeros(32); // compressorname
        writer.WriteUInt16(0x18); // depth: colour without alpha
        writer.WriteUInt16(0xFFFF);
        CopyBoxes(writer, description, layout.Children);
    }

    /// <summary>AudioSampleEntry version 0 (section 12.2.3).</summary>
    private static void WriteSound(SpanWriter writer, SampleDescription description, SampleEntryLayout layout)
    {
        writer.WriteZeros(8);
        writer.WriteUInt16((ushort)Math.Clamp(description.ChannelCount, 0, ushort.MaxValue));
        writer.WriteUInt16(16);
        writer.WriteUInt32(0);

        // 16.16 fixed point: a rate that does not fit is left 0, and the decoder's own configuration tells it.
        var rate = description.SampleRate;
        writer.WriteUInt32(rate <= ushort.MaxValue ? (uint)rate << 16 : 0);
        if (description.ObjectType != 0)
        {
            var objectType = description.Codec == CodecId.Aac ? 0x40 : description.ObjectType;
            var rates = EsDescriptor.TryParse(layout.Find("esds"), out var es) ? es : default;
            EsDescriptor.Write(writer, objectType, rates, description.Configuration.Span);
        }

        CopyBoxes(writer, description, layout.Children);
        if (BoxReader.Find(layout.Children, "wave") is { IsEmpty: false } wave)
        {
            CopyBoxes(writer, description, wave);
        }
    }

    private static void CopyBoxes(SpanWriter writer, SampleDescription description, ReadOnlySpan<byte> boxes)
    {
        var reader = new BoxReader(boxes);
        while (reader.Next() && !reader.Truncated)
        {
            if (reader.Type == "hvcC" && description.Codecs.StartsWith("hvc1", StringComparison.Ordinal))
            {
                WriteComplete(writer, reader.Body);
            }
            else if (reader.Type == "colr")
            {
                WriteColor(writer, reader.Whole, reader.Body);
            }
            else if (reader.Type == "esds" && description.Kind == TrackKind.Video || Kept.Contains(reader.Type))
            {
                writer.WriteBytes(reader.Whole);
            }
        }
    }

    /// <summary>QuickTime's <c>nclc</c> becomes the standard's <c>nclx</c>; profiles and the rest stay.</summary>
    private static void WriteColor(SpanWriter writer, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> body)
    {
        if (body.Length < 10 || FourCc.Read(body) is var type && type != "nclc" && (type != "nclx" || body.Length > 10))
        {
            writer.WriteBytes(whole);
            return;
        }

        var start = writer.BeginBox("colr");
        writer.WriteUInt32(new FourCc("nclx").Value);
        writer.WriteBytes(body[4..10]);
        writer.WriteUInt8(0); // limited range, which is what the absent byte meant
        writer.EndBox(start);
    }

    /// <summary>An <c>hvc1</c> entry promises that no parameter set comes in the samples: array_completeness is 1.</summary>
    private static void WriteComplete(SpanWriter writer, ReadOnlySpan<byte> body)
    {
        const int arraysAt = 22;
        var record = body.ToArray();
        var reader = new SpanReader(body);
        reader.Skip(arraysAt);
        var arrays = reader.ReadUInt8();
        for (var i = 0; i < arrays && !reader.Failed; i++)
        {
            var at = reader.Position;
            if ((reader.ReadUInt8() & 0x3F) is >= 32 and <= 34)
            {
                record[at] |= 0x80;
            }

            var count = reader.ReadUInt16();
            for (var j = 0; j < count && !reader.Failed; j++)
            {
                reader.Skip(reader.ReadUInt16());
            }
        }

        var start = writer.BeginBox("hvcC");
        writer.WriteBytes(record);
        writer.EndBox(start);
    }
}
