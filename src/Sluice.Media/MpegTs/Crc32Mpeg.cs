namespace Sluice.Media.MpegTs;

/// <summary>CRC_32 of sections (ISO/IEC 13818-1 annex A): polynomial 0x04C11DB7, not reflected, no final inversion.</summary>
internal static class Crc32Mpeg
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFF_FFFFu;
        foreach (var b in bytes)
        {
            crc ^= (uint)b << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc << 1) ^ ((crc & 0x8000_0000) != 0 ? 0x04C1_1DB7u : 0);
            }
        }

        return crc;
    }
}
