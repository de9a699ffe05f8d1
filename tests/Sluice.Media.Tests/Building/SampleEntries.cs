namespace Sluice.Media.Tests.Building;

/// <summary>Whole sample entries as real encoders write them.</summary>
internal static class SampleEntries
{
    /// <summary>x264, High, 64×48, 4-byte NAL lengths.</summary>
    public static byte[] Avc => Convert.FromHexString(
        "0000009961766331000000000000000100000000000000000000000000000000" +
        "0040003000480000004800000000000000010000000000000000000000000000" +
        "0000000000000000000000000000000000000018FFFF00000033617663430164" +
        "000AFFE100186764000AACD9447B011000000300100000030320F12259600100" +
        "0468EF8FCBFDF8F80000000010706173700000000100000001");

    /// <summary>AAC LC, mono, 44.1 kHz.</summary>
    public static byte[] Aac => Convert.FromHexString(
        "0000005A6D703461000000000000000100000000000000000001001000000000" +
        "AC44000000000036657364730000000003808080250002000480808017401500" +
        "000000011288000112880580808005120856E500068080800102");

    /// <summary>Timed metadata with no configuration to speak of.</summary>
    public static byte[] Metadata => BoxWriting.Box("mett", new byte[8]);
}
