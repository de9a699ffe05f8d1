using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>program_config_element (ISO/IEC 14496-3 section 4.4.1.1): a channel layout written out.</summary>
internal static class ProgramConfigElement
{
    /// <summary>Steps over the element.</summary>
    public static void Skip(ref BitReader bits)
    {
        bits.Skip(4 + 2 + 4); // element_instance_tag, object_type, sampling_frequency_index
        var front = (int)bits.ReadBits(4);
        var side = (int)bits.ReadBits(4);
        var back = (int)bits.ReadBits(4);
        var lowFrequency = (int)bits.ReadBits(2);
        var data = (int)bits.ReadBits(3);
        var coupling = (int)bits.ReadBits(4);
        SkipIf(ref bits, 4); // mono mixdown
        SkipIf(ref bits, 4); // stereo mixdown
        SkipIf(ref bits, 3); // matrix mixdown
        for (var i = 0; i < front + side + back; i++)
        {
            bits.Skip(5);
        }

        bits.Skip((4 * lowFrequency) + (4 * data) + (5 * coupling));
        bits.Skip((8 - (bits.BitPosition & 7)) & 7);
        bits.Skip(8 * (int)bits.ReadBits(8)); // comment
    }

    private static void SkipIf(ref BitReader bits, int count)
    {
        if (bits.ReadFlag())
        {
            bits.Skip(count);
        }
    }
}
