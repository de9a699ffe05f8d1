using System.Buffers.Binary;
using Sluice.Media.Codecs;

namespace Sluice.Media.MpegTs;

/// <summary>adts_fixed_header and adts_variable_header without a CRC (ISO/IEC 14496-3 section 1.A.2.2).</summary>
internal static class AdtsHeader
{
    public const int Bytes = 7;

    /// <summary>aac_frame_length has 13 bits, the header included.</summary>
    public const int LongestFrame = (1 << 13) - 1 - Bytes;

    /// <summary>The header of an empty frame, to which <see cref="Patch"/> gives each frame's length.</summary>
    /// <param name="config">Configuration of the stream.</param>
    /// <param name="reason">Why ADTS cannot say it; null when it can.</param>
    public static byte[]? TryCreate(AudioSpecificConfig config, out string? reason)
    {
        reason = config switch
        {
            { ObjectType: < 1 or > 4 } => "this kind of AAC cannot be sent in MPEG-TS as ADTS",
            { SamplingIndex: > 12 } => "its AAC sampling rate cannot be sent in MPEG-TS as ADTS",
            { ChannelConfiguration: < 1 or > 7 } => "its AAC channel layout cannot be sent in MPEG-TS as ADTS",
            _ => null,
        };
        if (reason is not null)
        {
            return null;
        }

        var channels = config.ChannelConfiguration;
        return
        [
            0xFF,
            0xF1, // MPEG-4, layer 0, no CRC
            (byte)(((config.ObjectType - 1) << 6) | (config.SamplingIndex << 2) | (channels >> 2)),
            (byte)((channels & 3) << 6),
            0,
            0x1F, // buffer fullness 0x7FF: variable bit rate
            0xFC,
        ];
    }

    /// <summary>Sets aac_frame_length.</summary>
    public static void Patch(Span<byte> header, int frameBytes)
    {
        var length = frameBytes + Bytes;
        header[3] = (byte)((header[3] & 0xC0) | (length >> 11));
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(((length & 0x7FF) << 5) | 0x1F));
    }
}
