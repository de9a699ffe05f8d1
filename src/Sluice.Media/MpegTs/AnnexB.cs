using Sluice.Media.Binary;
using Sluice.Media.Codecs;

namespace Sluice.Media.MpegTs;

/// <summary>
/// Turns one sample of an MP4 (NAL units behind lengths) into an access unit as a transport stream wants it: byte stream format
/// (annex B of H.264 and of H.265) that begins with an access unit delimiter (ISO/IEC 13818-1 section 2.14.1 and 2.17.1), parameter
/// sets before each random access point.
/// </summary>
internal static class AnnexB
{
    /// <summary>Start code and an H.264 access unit delimiter, which promises nothing of the slice types.</summary>
    public const int DelimiterBytes = 6;

    /// <summary>The long start code, used everywhere: it takes what a four-byte length took.</summary>
    public const int StartCodeBytes = 4;

    private static readonly NalRules Avc = new([9, 0xF0], static unit => unit[0] & 0x1F, IsKey: static type => type == 5, Delimiter: 9, Sets: [7, 8]);

    private static readonly NalRules Hevc = new(
        [35 << 1, 1, 0x50], static unit => (unit[0] >> 1) & 0x3F, IsKey: static type => type is >= 16 and <= 21, Delimiter: 35, Sets: [32, 33, 34]);

    /// <summary>Writes one access unit.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="sample">The sample as in the MP4.</param>
    /// <param name="video">What it is of: H.264 or HEVC.</param>
    /// <param name="isSync">The container says that decoding can start here; the bitstream may say so too.</param>
    /// <param name="parameterSets">What <see cref="ParameterSets"/> made of the description.</param>
    public static void Write(SpanWriter writer, ReadOnlySpan<byte> sample, SampleDescription video, bool isSync, ReadOnlySpan<byte> parameterSets)
    {
        var rules = RulesOf(video);
        var (isKey, hasSets) = Look(sample, video.NalLengthSize, rules);
        var units = new NalUnits(sample, video.NalLengthSize);
        var more = units.Next();
        if (more && rules.TypeOf(units.Current) == rules.Delimiter)
        {
            WriteUnit(writer, units.Current);
            more = units.Next();
        }
        else
        {
            WriteUnit(writer, rules.DelimiterUnit);
        }

        if ((isSync || isKey) && !hasSets)
        {
            writer.WriteBytes(parameterSets);
        }

        for (; more; more = units.Next())
        {
            if (rules.TypeOf(units.Current) != rules.Delimiter)
            {
                WriteUnit(writer, units.Current);
            }
        }
    }

    /// <summary>Parameter sets with their start codes, to be written as they are.</summary>
    public static byte[] ParameterSets(SampleDescription video)
    {
        var writer = new SpanWriter();
        foreach (var set in video.VideoParameterSets.Concat(video.SequenceParameterSets).Concat(video.PictureParameterSets))
        {
            WriteUnit(writer, set);
        }

        return writer.ToArray();
    }

    private static NalRules RulesOf(SampleDescription video) => video.Codec == CodecId.Hevc ? Hevc : Avc;

    /// <summary>Whether the bitstream calls it a random access point, and has all kinds of parameter sets with it.</summary>
    private static (bool IsKey, bool HasSets) Look(ReadOnlySpan<byte> sample, int lengthSize, NalRules rules)
    {
        var isKey = false;
        var seen = 0;
        var units = new NalUnits(sample, lengthSize);
        while (units.Next())
        {
            var type = rules.TypeOf(units.Current);
            isKey |= rules.IsKey(type);
            var set = Array.IndexOf(rules.Sets, type);
            seen |= set < 0 ? 0 : 1 << set;
        }

        return (isKey, seen == (1 << rules.Sets.Length) - 1);
    }

    private static void WriteUnit(SpanWriter writer, ReadOnlySpan<byte> nal)
    {
        writer.WriteUInt32(1);
        writer.WriteBytes(nal);
    }
}
