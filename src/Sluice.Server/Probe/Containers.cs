using System.Buffers.Binary;
using Sluice.Media.Binary;

namespace Sluice.Server.Probe;

/// <summary>Knows the media files that are no MP4 by their first bytes. They are kept: repackaging them is a matter of
/// work, not of luck.</summary>
internal static class Containers
{
    /// <summary>Bytes of the beginning that are looked at.</summary>
    public const int HeadBytes = 8192;

    private const int TsPacketBytes = 188;

    /// <summary>What the file is, in words for a person; null when it is nothing that is known.</summary>
    public static string? Recognise(IByteSource source)
    {
        var buffer = new byte[HeadBytes];
        ReadOnlySpan<byte> head = buffer.AsSpan(0, Math.Max(0, source.Read(0, buffer)));
        return head switch
        {
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) => "a Matroska or WebM file",
            _ when head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..].StartsWith("AVI "u8) => "an AVI file",
            _ when head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..].StartsWith("WAVE"u8) => "a WAV file",
            _ when head.StartsWith("OggS"u8) => "an Ogg file",
            _ when head.StartsWith("fLaC"u8) => "a FLAC file",
            _ when head.StartsWith("FLV\u0001"u8) => "a Flash video file",
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) => "a Windows Media file",
            _ when head.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0xBA]) => "an MPEG program stream",
            _ when IsTransportStream(head) => "an MPEG transport stream",
            _ when head.StartsWith("ID3"u8) || IsMpegAudio(head) => "an MP3 file",
            _ when IsAdts(head) => "a bare AAC file",
            _ => null,
        };
    }

    /// <summary>Whether it is of a kind that is written, and can be read, from front to back: what has come of it is understood without its end.</summary>
    public static bool IsStream(IByteSource source)
    {
        var buffer = new byte[3 * TsPacketBytes];
        ReadOnlySpan<byte> head = buffer.AsSpan(0, Math.Max(0, source.Read(0, buffer)));
        return head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) || head.StartsWith("FLV\u0001"u8) || IsTransportStream(head);
    }

    private static bool IsTransportStream(ReadOnlySpan<byte> head) =>
        head.Length > 2 * TsPacketBytes && head[0] == 0x47 && head[TsPacketBytes] == 0x47 && head[2 * TsPacketBytes] == 0x47;

    /// <summary>Two frames of layer III in a row: a sync word alone is found in any file.</summary>
    private static bool IsMpegAudio(ReadOnlySpan<byte> head) =>
        LayerIIIFrameBytes(head) is > 4 and var length && length < head.Length && LayerIIIFrameBytes(head[length..]) > 4;

    /// <summary>Length of the MPEG audio layer III frame (ISO/IEC 11172-3 section 2.4.1.3) at the start; 0 when there is none.</summary>
    private static int LayerIIIFrameBytes(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 4 || (BinaryPrimitives.ReadUInt16BigEndian(frame) & 0xFFE6) != 0xFFE2)
        {
            return 0;
        }

        ReadOnlySpan<short> rates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0];
        ReadOnlySpan<short> rates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0];
        ReadOnlySpan<int> frequencies = [44100, 48000, 32000, 0];
        var version = (frame[1] >> 3) & 3; // 3 is MPEG-1, 2 MPEG-2, 0 MPEG-2.5
        var frequency = frequencies[(frame[2] >> 2) & 3] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
        var kilobits = (version == 3 ? rates1 : rates2)[frame[2] >> 4];
        return version == 1 || frequency == 0 ? 0 : ((version == 3 ? 144_000 : 72_000) * kilobits / frequency) + ((frame[2] >> 1) & 1);
    }

    private static bool IsAdts(ReadOnlySpan<byte> head)
    {
        var length = AdtsFrameBytes(head);
        return length > 7 && length < head.Length && AdtsFrameBytes(head[length..]) > 7;
    }

    /// <summary>Length of the ADTS frame (ISO/IEC 14496-3 section 1.A.2.2) at the start; 0 when there is none.</summary>
    private static int AdtsFrameBytes(ReadOnlySpan<byte> frame) =>
        frame.Length >= 7 && frame[0] == 0xFF && (frame[1] & 0xF6) == 0xF0
            ? ((frame[3] & 3) << 11) | (frame[4] << 3) | (frame[5] >> 5)
            : 0;
}
