using System.Buffers.Binary;
using Sluice.Media.Codecs;

namespace Sluice.Media.Remux;

/// <summary>The header of a frame of audio that stands for itself, without a container (RFC 8216 section 3.4).</summary>
/// <param name="Format">How the stream is named in MPEG-TS.</param>
/// <param name="SizeBytes">The frame with its header.</param>
/// <param name="Samples">Samples in it.</param>
/// <param name="SampleRate">Samples in a second.</param>
internal readonly record struct AudioFrame(EsFormat Format, int SizeBytes, int Samples, int SampleRate)
{
    /// <summary>Bytes that are enough to read any of the headers.</summary>
    public const int HeaderBytes = 7;

    /// <summary>Kilobits per second of AC-3, by half of frmsizecod (ETSI TS 102 366 table F.1).</summary>
    private static ReadOnlySpan<short> Ac3Rates => [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

    private static ReadOnlySpan<int> AacRates => [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

    /// <summary>Kilobits per second of MPEG-1 layer III, then of MPEG-2 (ISO/IEC 11172-3 and 13818-3, section 2.4.2.3).</summary>
    private static ReadOnlySpan<short> Mp3Rates =>
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0, 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0];

    /// <summary>Reads a header: ADTS, MPEG layer III, AC-3 or Enhanced AC-3.</summary>
    /// <param name="bytes">At least <see cref="HeaderBytes"/>.</param>
    /// <param name="frame">What it says.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AudioFrame frame)
    {
        frame = bytes.Length < HeaderBytes ? default
            : bytes is [0x0B, 0x77, ..] ? Dolby(bytes)
            : bytes[0] != 0xFF || (bytes[1] & 0xE0) != 0xE0 ? default
            : (bytes[1] & 0xF6) == 0xF0 ? Adts(bytes)
            : Mp3(bytes);
        return frame.SizeBytes >= HeaderBytes && frame.SampleRate > 0;
    }

    private static AudioFrame Adts(ReadOnlySpan<byte> bytes)
    {
        var rate = (bytes[2] >> 2) & 0xF;
        var size = (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes[3..]) >> 13) & 0x1FFF;
        return rate < AacRates.Length ? new AudioFrame(EsFormat.Adts, size, 1024 * ((bytes[6] & 3) + 1), AacRates[rate]) : default;
    }

    private static AudioFrame Mp3(ReadOnlySpan<byte> bytes)
    {
        if (!MpegAudioHeader.TryParse(bytes, out var header) || header.Layer != 3)
        {
            return default;
        }

        var isFirst = (bytes[1] & 0x08) != 0;
        var rate = Mp3Rates[(isFirst ? 0 : 16) + (bytes[2] >> 4)];
        var samples = isFirst ? 1152 : 576;
        var size = (samples / 8 * rate * 1000 / header.SampleRate) + ((bytes[2] >> 1) & 1);
        return rate == 0 ? default : new AudioFrame(EsFormat.MpegAudio(header.SampleRate), size, samples, header.SampleRate);
    }

    /// <summary>ETSI TS 102 366 sections 4.3.1 and E.1.2.2; bsid tells which.</summary>
    private static AudioFrame Dolby(ReadOnlySpan<byte> bytes)
    {
        var rateCode = bytes[4] >> 6;
        if (bytes[5] >> 3 <= 10)
        {
            var code = bytes[4] & 0x3F;
            if (rateCode == 3 || code / 2 >= Ac3Rates.Length)
            {
                return default;
            }

            var kilobits = Ac3Rates[code / 2];
            var words = rateCode switch { 0 => kilobits * 2, 2 => kilobits * 3, _ => (kilobits * 960 / 441) + (code & 1) };
            return new AudioFrame(EsFormat.Ac3, 2 * words, 1536, Ac3Rate(rateCode));
        }

        var size = 2 * ((((bytes[2] & 7) << 8) | bytes[3]) + 1);
        var second = (bytes[4] >> 4) & 3;
        var blocks = rateCode == 3 ? 6 : second switch { 0 => 1, 1 => 2, 2 => 3, _ => 6 };
        return new AudioFrame(EsFormat.Eac3, size, 256 * blocks, rateCode == 3 ? Ac3Rate(second) / 2 : Ac3Rate(rateCode));
    }

    private static int Ac3Rate(int code) => code switch { 0 => 48000, 1 => 44100, 2 => 32000, _ => 0 };
}
