using System.Buffers.Binary;

namespace Sluice.Media.Codecs;

/// <summary>Audio entries whose configuration is a small box of its own.</summary>
internal static class AudioConfigurations
{
    public static SampleDescription Apply(SampleDescription description, SampleEntryLayout layout) =>
        description.Codec switch
        {
            CodecId.Mp3 => description with { Codecs = "mp4a.6B", ObjectType = 0x6B },
            CodecId.Mp2 => description with { Codecs = "mp4a.6B" },
            CodecId.Opus => Opus(description, layout.Find("dOps")),
            CodecId.Flac => Flac(description, layout.Find("dfLa")),
            CodecId.Ac3 => Ac3(description with { Codecs = "ac-3" }, layout.Find("dac3")),
            CodecId.Eac3 => Eac3(description with { Codecs = "ec-3" }, layout.Find("dec3")),
            CodecId.Alac => Alac(description, layout.Find("alac")),
            CodecId.AmrNb => description with { SampleRate = 8000, ChannelCount = 1 }, // 3GPP TS 26.244: always mono
            CodecId.AmrWb => description with { SampleRate = 16000, ChannelCount = 1 },
            CodecId.Mpegh => Mpegh(description, layout.Find("mhaC")),
            _ => description,
        };

    /// <summary>OpusSpecificBox (Encapsulation of Opus in ISOBMFF section 4.3.2). Opus always decodes at 48 kHz.</summary>
    private static SampleDescription Opus(SampleDescription description, ReadOnlySpan<byte> box) =>
        box is [0, var channels and > 0, _, _, _, _, _, _, _, _, var family, ..] && (family == 0 || box.Length >= 13 + channels)
            ? description with
            {
                Codecs = "opus",
                Configuration = box.ToArray(),
                ChannelCount = channels,
                SampleRate = 48000,
            }
            : description with { Codecs = "opus", Problem = "its Opus configuration (dOps) is missing or damaged" };

    /// <summary>FLACSpecificBox (Encapsulation of FLAC in ISOBMFF section 3.3.2): STREAMINFO comes first.</summary>
    private static SampleDescription Flac(SampleDescription description, ReadOnlySpan<byte> box)
    {
        const int streamInfo = 8; // FullBox header and METADATA_BLOCK header before it
        if (box.Length < streamInfo + 34 || (box[4] & 0x7F) != 0)
        {
            return description with { Codecs = "flac", Problem = "its FLAC configuration (dfLa) is missing or damaged" };
        }

        var packed = BinaryPrimitives.ReadUInt64BigEndian(box[(streamInfo + 10)..]);
        return description with
        {
            Codecs = "flac",
            Configuration = box.ToArray(),
            SampleRate = (int)(packed >> 44),
            ChannelCount = (int)((packed >> 41) & 7) + 1,
            BitDepth = (int)((packed >> 36) & 31) + 1,
        };
    }

    /// <summary>AC3SpecificBox (ETSI TS 102 366 section F.4).</summary>
    private static SampleDescription Ac3(SampleDescription description, ReadOnlySpan<byte> box)
    {
        if (box.Length < 3)
        {
            return description with { Problem = "its AC-3 configuration (dac3) is missing" };
        }

        var bits = (box[0] << 16) | (box[1] << 8) | box[2];
        return description with
        {
            SampleRate = Ac3Rate(bits >> 22, description.SampleRate),
            ChannelCount = Ac3Channels((bits >> 11) & 7, (bits >> 10) & 1),
        };
    }

    /// <summary>EC3SpecificBox (section F.6), its first independent substream.</summary>
    private static SampleDescription Eac3(SampleDescription description, ReadOnlySpan<byte> box)
    {
        if (box.Length < 5)
        {
            return description with { Problem = "its E-AC-3 configuration (dec3) is missing" };
        }

        return description with
        {
            SampleRate = Ac3Rate(box[2] >> 6, description.SampleRate),
            ChannelCount = Ac3Channels((box[3] >> 1) & 7, box[3] & 1),
        };
    }

    private static int Ac3Rate(int code, int otherwise) => code switch { 0 => 48000, 1 => 44100, 2 => 32000, _ => otherwise };

    private static int Ac3Channels(int mode, int lowFrequency) =>
        lowFrequency + mode switch { 0 or 2 => 2, 1 => 1, 3 or 4 => 3, 5 or 6 => 4, _ => 5 };

    /// <summary>ALACSpecificConfig behind a FullBox header.</summary>
    private static SampleDescription Alac(SampleDescription description, ReadOnlySpan<byte> box) =>
        box.Length < 28
            ? description with { Problem = "its ALAC configuration (alac) is missing" }
            : description with
            {
                BitDepth = box[9],
                ChannelCount = box[13],
                SampleRate = (int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32BigEndian(box[24..])),
            };

    /// <summary>MHAConfigurationBox (ISO/IEC 23008-3 section 20.5).</summary>
    private static SampleDescription Mpegh(SampleDescription description, ReadOnlySpan<byte> box) =>
        box.Length < 2
            ? description
            : description with
            {
                Codecs = string.Create(CultureInfo.InvariantCulture, $"{description.OriginalFormat}.0x{box[1]:X2}"),
            };
}
