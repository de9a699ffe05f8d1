namespace Sluice.Media.Tests.Codecs;

/// <summary>The constants of a VisualSampleEntry (ISO/IEC 14496-12 section 12.1.3), which <see cref="SampleEntryBytes"/>
/// leaves zero.</summary>
internal static class VisualDefaults
{
    public static byte[] WithVisualDefaults(this byte[] entry)
    {
        SampleEntryBytes.Hex("00480000 00480000 00000000 0001").CopyTo(entry, 8 + 28);
        SampleEntryBytes.Hex("0018FFFF").CopyTo(entry, 8 + 74);
        return entry;
    }
}
