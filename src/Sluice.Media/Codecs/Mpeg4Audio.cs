namespace Sluice.Media.Codecs;

/// <summary>What an <c>mp4a</c> entry carries: its <c>esds</c> decides (ISO/IEC 14496-14 section 5.6).</summary>
internal static class Mpeg4Audio
{
    private const int AacObjectType = 0x40;

    /// <summary>Above this core rate SBR would make more samples than any AAC profile allows (ISO/IEC 14496-3 4.6.18).</summary>
    private const int HighestSbrCoreRate = 48000;

    public static SampleDescription Apply(SampleDescription description, SampleEntryLayout layout)
    {
        if (!EsDescriptor.TryParse(layout.Find("esds"), out var es))
        {
            return description with
            {
                Problem = "its MPEG-4 audio configuration (esds) is missing or damaged",
            };
        }

        description = description with
        {
            Codec = SampleFormat.CodecOf(es.ObjectType),
            ObjectType = es.ObjectType,
            Configuration = es.Specific.ToArray(),
            Codecs = string.Create(CultureInfo.InvariantCulture, $"mp4a.{es.ObjectType:X2}"),
        };
        return description.Codec == CodecId.Aac ? Aac(description, layout, es.Specific) : description;
    }

    private static SampleDescription Aac(
        SampleDescription description, SampleEntryLayout layout, ReadOnlySpan<byte> specific)
    {
        if (specific.IsEmpty || !AudioSpecificConfig.TryParse(specific, out var config))
        {
            return description with { Problem = "its AAC configuration (AudioSpecificConfig) is missing or damaged" };
        }

        // Implicit SBR (section 1.6.6.1): the configuration is silent, but an entry that states exactly twice the core's
        // rate was written by someone who knew what the decoder puts out.
        if (config is { ObjectType: 2, ExtensionObjectType: 0, CoreSampleRate: <= HighestSbrCoreRate / 2 }
            && layout.SampleRate == 2 * config.CoreSampleRate)
        {
            config = config with { ExtensionObjectType = 5, ExtensionSampleRate = layout.SampleRate };
        }

        return description with
        {
            Aac = config,
            // MPEG-2 AAC LC is the same bitstream; the entry that is written says MPEG-4, which every browser knows.
            Codecs = string.Create(CultureInfo.InvariantCulture, $"mp4a.{AacObjectType:X2}.{config.SignalledObjectType}"),
            Profile = ProfileName(config.SignalledObjectType),
            ChannelCount = config.ChannelCount > 0 ? config.ChannelCount : description.ChannelCount,
            SampleRate = config.SampleRate,
        };
    }

    private static string ProfileName(int objectType) => objectType switch
    {
        1 => "Main",
        2 => "LC",
        3 => "SSR",
        4 => "LTP",
        5 => "HE",
        29 => "HE v2",
        17 or 19 or 20 or 22 => "ER",
        23 => "LD",
        39 => "ELD",
        42 => "xHE",
        _ => string.Create(CultureInfo.InvariantCulture, $"object type {objectType}"),
    };
}
