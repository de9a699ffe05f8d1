using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Codecs;

/// <summary>From the bytes of one sample entry to a <see cref="SampleDescription"/>.</summary>
internal static class SampleEntryParser
{
    public static SampleDescription? TryParse(ReadOnlySpan<byte> box, TrackKind kind)
    {
        var boxes = new BoxReader(box);
        if (kind is not (TrackKind.Video or TrackKind.Audio) || !boxes.Next())
        {
            return null;
        }

        var format = boxes.Type;
        var description = new SampleDescription
        {
            Format = format,
            OriginalFormat = format,
            Kind = kind,
            Codecs = format.ToString(),
            Entry = boxes.Whole.ToArray(),
            Codec = SampleFormat.CodecOf(format),
        };
        if (!SampleEntryLayout.TryRead(boxes.Body, kind, out var layout))
        {
            return description with { Problem = $"its sample entry ({format}) is cut off" };
        }

        description = WithProtection(description, layout);
        description = kind == TrackKind.Video ? Video(description, layout) : Audio(description, layout);
        if (description.Problem is null && !SampleFormat.Fits(description.Codec, kind))
        {
            return description with { Problem = $"its sample entry ({format}) is of another kind than its track" };
        }

        return boxes.Truncated && description.Problem is null
            ? description with { Problem = $"its sample entry ({format}) is cut off" }
            : description;
    }

    /// <summary>ProtectionSchemeInfoBox (section 8.12.1).</summary>
    private static SampleDescription WithProtection(SampleDescription description, SampleEntryLayout layout)
    {
        if (description.Format != "encv" && description.Format != "enca")
        {
            return description;
        }

        var info = layout.Find("sinf");
        var original = BoxReader.Find(info, "frma") is { Length: >= 4 } frma ? FourCc.Read(frma) : description.Format;
        return description with
        {
            IsEncrypted = true,
            OriginalFormat = original,
            Codec = SampleFormat.CodecOf(original),
            Codecs = original.ToString(),
            EncryptionScheme = BoxReader.Find(info, "schm") is { Length: >= 8 } schm
                ? FourCc.Read(schm[4..]).ToString()
                : null,
        };
    }

    private static SampleDescription Video(SampleDescription description, SampleEntryLayout layout)
    {
        description = description with { CodedWidth = layout.Width, CodedHeight = layout.Height, BitDepth = 8 };
        description = description.Codec switch
        {
            CodecId.H264 => AvcConfiguration.Apply(description, layout),
            CodecId.Hevc => HevcConfiguration.Apply(description, layout),
            CodecId.Av1 => Av1Configuration.Apply(description, layout),
            CodecId.Vp8 or CodecId.Vp9 => VpConfiguration.Apply(description, layout),
            CodecId.Mpeg4Visual => Mpeg4Visual.Apply(description, layout),
            CodecId.ProRes => ProRes.Apply(description),
            _ => description,
        };
        var color = ReadColor(layout);
        var fields = BoxReader.Find(layout.Children, "fiel");
        return description with
        {
            Color = color.Or(description.Color),
            SampleAspectRatio = ReadPixelAspect(layout) ?? description.SampleAspectRatio,
            IsInterlaced = description.IsInterlaced || fields is [2, ..],
        };
    }

    private static SampleDescription Audio(SampleDescription description, SampleEntryLayout layout)
    {
        description = description with
        {
            ChannelCount = layout.ChannelCount,
            SampleRate = layout.SampleRate,
            BitDepth = description.Codec == CodecId.Pcm ? layout.SampleBits : 0,
        };
        return description.OriginalFormat == "mp4a"
            ? Mpeg4Audio.Apply(description, layout)
            : AudioConfigurations.Apply(description, layout);
    }

    /// <summary>PixelAspectRatioBox (section 12.1.4); null when absent or senseless.</summary>
    private static Rational? ReadPixelAspect(SampleEntryLayout layout)
    {
        var reader = new SpanReader(BoxReader.Find(layout.Children, "pasp"));
        var horizontal = reader.ReadUInt32();
        var vertical = reader.ReadUInt32();
        return horizontal == 0 || vertical == 0 ? null : new Rational(horizontal, vertical).Reduced();
    }

    /// <summary>
    /// ColourInformationBox (section 12.1.5): the first <c>nclx</c> or QuickTime <c>nclc</c>; where there are several
    /// the standard puts the most accurate first.
    /// </summary>
    private static VideoColor ReadColor(SampleEntryLayout layout)
    {
        var boxes = new BoxReader(layout.Children);
        while (boxes.Next())
        {
            if (boxes.Type != "colr" || boxes.Body.Length < 10)
            {
                continue;
            }

            var reader = new SpanReader(boxes.Body);
            var type = FourCc.Read(reader.ReadBytes(4));
            if (type == "nclx" || type == "nclc")
            {
                return new VideoColor(
                    reader.ReadUInt16(),
                    reader.ReadUInt16(),
                    reader.ReadUInt16(),
                    type == "nclx" && reader.Remaining > 0 && (reader.ReadUInt8() & 0x80) != 0);
            }
        }

        return VideoColor.Unspecified;
    }
}
