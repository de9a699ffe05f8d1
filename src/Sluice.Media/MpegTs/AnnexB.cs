using Sluice.Media.Binary;
using Sluice.Media.Codecs;

namespace Sluice.Media.MpegTs;

/// <summary>
/// Turns one H.264 sample of an MP4 (NAL units behind lengths) into an access unit as a transport stream wants it: byte
/// stream format (H.264 annex B) that begins with an access unit delimiter (ISO/IEC 13818-1 section 2.14.1), parameter
/// sets before each random access point.
/// </summary>
internal static class AnnexB
{
    /// <summary>Start code and an access unit delimiter that promises nothing of the slice types.</summary>
    public const int DelimiterBytes = 6;

    /// <summary>The long start code, used everywhere: it takes what a four-byte length took.</summary>
    public const int StartCodeBytes = 4;

    private const int IdrSlice = 5;
    private const int SequenceSet = 7;
    private const int PictureSet = 8;
    private const int Delimiter = 9;

    public static void Write(SpanWriter writer, ReadOnlySpan<byte> sample, int lengthSize, bool isSync, ReadOnlySpan<byte> parameterSets)
    {
        bool hasIdr = false, hasSequenceSet = false, hasPictureSet = false;
        var units = new NalUnits(sample, lengthSize);
        while (units.Next())
        {
            var type = units.Current[0] & 0x1F;
            hasIdr |= type == IdrSlice;
            hasSequenceSet |= type == SequenceSet;
            hasPictureSet |= type == PictureSet;
        }

        units = new NalUnits(sample, lengthSize);
        var more = units.Next();
        if (more && (units.Current[0] & 0x1F) == Delimiter)
        {
            WriteUnit(writer, units.Current);
            more = units.Next();
        }
        else
        {
            WriteUnit(writer, [Delimiter, 0xF0]);
        }

        if ((isSync || hasIdr) && !(hasSequenceSet && hasPictureSet))
        {
            writer.WriteBytes(parameterSets);
        }

        for (; more; more = units.Next())
        {
            if ((units.Current[0] & 0x1F) != Delimiter)
            {
                WriteUnit(writer, units.Current);
            }
        }
    }

    /// <summary>Parameter sets with their start codes, to be written as they are.</summary>
    public static byte[] ParameterSets(SampleDescription video)
    {
        var writer = new SpanWriter();
        foreach (var set in video.SequenceParameterSets.Concat(video.PictureParameterSets))
        {
            WriteUnit(writer, set);
        }

        return writer.ToArray();
    }

    private static void WriteUnit(SpanWriter writer, ReadOnlySpan<byte> nal)
    {
        writer.WriteUInt32(1);
        writer.WriteBytes(nal);
    }
}
