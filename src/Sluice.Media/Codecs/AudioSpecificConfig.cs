using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>MPEG-4 AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1).</summary>
/// <param name="ObjectType">Audio object type of the core coder: 2 for AAC LC, also under SBR; 42 for xHE-AAC.</param>
/// <param name="SamplingIndex">samplingFrequencyIndex of the core; 15 when the rate is written out.</param>
/// <param name="CoreSampleRate">Samples in a second of the core coder.</param>
/// <param name="ChannelConfiguration">channelConfiguration; 0 when a program_config_element gives the layout.</param>
/// <param name="ExtensionObjectType">5 when SBR, 29 when SBR and parametric stereo are signalled; 0 when neither is.</param>
/// <param name="ExtensionSampleRate">Samples in a second after SBR; 0 without it.</param>
public readonly record struct AudioSpecificConfig(
    int ObjectType,
    int SamplingIndex,
    int CoreSampleRate,
    int ChannelConfiguration,
    int ExtensionObjectType,
    int ExtensionSampleRate)
{
    private const int ExplicitRate = 15;

    /// <summary>Audio object type in a codec string: the extension's when there is one.</summary>
    public int SignalledObjectType => ExtensionObjectType != 0 ? ExtensionObjectType : ObjectType;

    /// <summary>Samples in a second after decoding.</summary>
    public int SampleRate => ExtensionSampleRate != 0 ? ExtensionSampleRate : CoreSampleRate;

    /// <summary>Channels after decoding (table 1.19); 0 when a program_config_element gives them.</summary>
    public int ChannelCount => (ExtensionObjectType, ChannelConfiguration) switch
    {
        (29, 1) => 2, // Parametric stereo makes two of one.
        (_, >= 1 and <= 6) => ChannelConfiguration,
        (_, 7 or 12 or 14) => 8,
        (_, 11) => 7,
        (_, 13) => 24,
        _ => 0,
    };

    /// <summary>Reads the configuration; false when it is cut off or reserved values are used.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out AudioSpecificConfig config)
    {
        var bits = new BitReader(bytes);
        var objectType = ReadObjectType(ref bits);
        var (index, rate) = ReadRate(ref bits);
        var channels = (int)bits.ReadBits(4);
        int extension = 0, extensionRate = 0;
        if (objectType is 5 or 29)
        {
            // Explicit, hierarchical signalling: the outer type is the extension, the core's follows.
            extension = objectType;
            (_, extensionRate) = ReadRate(ref bits);
            objectType = ReadObjectType(ref bits);
        }

        config = new AudioSpecificConfig(objectType, index, rate, channels, extension, extensionRate);
        if (bits.Failed || objectType == 0 || rate <= 0 || channels > 14)
        {
            return false;
        }

        if (extension == 0 && objectType is >= 1 and <= 4)
        {
            config = WithSyncExtension(config, bits);
        }

        return true;
    }

    /// <summary>Backward-compatible signalling (section 1.6.6.2): 0x2B7 after the core's GASpecificConfig.</summary>
    private static AudioSpecificConfig WithSyncExtension(AudioSpecificConfig core, BitReader bits)
    {
        bits.Skip(1); // frameLengthFlag
        if (bits.ReadFlag()) // dependsOnCoreCoder
        {
            bits.Skip(14);
        }

        bits.Skip(1); // extensionFlag
        if (core.ChannelConfiguration == 0)
        {
            ProgramConfigElement.Skip(ref bits);
        }

        if (bits.BitsRemaining < 16 || bits.ReadBits(11) != 0x2B7 || ReadObjectType(ref bits) != 5 || !bits.ReadFlag())
        {
            return core;
        }

        var (_, rate) = ReadRate(ref bits);
        var parametricStereo = bits.BitsRemaining >= 12 && bits.ReadBits(11) == 0x548 && bits.ReadFlag();
        return bits.Failed || rate <= 0
            ? core
            : core with { ExtensionObjectType = parametricStereo ? 29 : 5, ExtensionSampleRate = rate };
    }

    private static int ReadObjectType(ref BitReader bits)
    {
        var type = (int)bits.ReadBits(5);
        return type == 31 ? 32 + (int)bits.ReadBits(6) : type;
    }

    private static (int Index, int Rate) ReadRate(ref BitReader bits)
    {
        var index = (int)bits.ReadBits(4);
        return (index, index == ExplicitRate ? (int)bits.ReadBits(24) : index < Rates.Length ? Rates[index] : 0);
    }

    private static ReadOnlySpan<int> Rates =>
        [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
}
