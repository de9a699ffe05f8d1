using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.MpegTs;
using RandomAccess = Sluice.Media.Codecs.RandomAccess;

namespace Sluice.Media.Remux;

/// <summary>Makes of the samples of one MP4 sample description what MPEG-TS carries.</summary>
internal sealed class SampleToUnit
{
    private readonly SampleDescription _description;
    private readonly byte[] _parameterSets;
    private readonly byte[] _adts;
    private readonly SpanWriter _unit = new(64 * 1024);

    private SampleToUnit(SampleDescription description, EsFormat format, byte[] adts)
    {
        (_description, Format, _adts) = (description, format, adts);
        _parameterSets = IsNalVideo ? AnnexB.ParameterSets(description) : [];
    }

    /// <summary>How the stream is named.</summary>
    public EsFormat Format { get; }

    private bool IsNalVideo => _description.Codec is CodecId.H264 or CodecId.Hevc;

    /// <summary>Prepares it.</summary>
    /// <param name="entry">A sample entry, the whole box.</param>
    /// <param name="kind">Kind of its track.</param>
    /// <param name="reason">Why MPEG-TS cannot carry it, in words for a person; null when it can.</param>
    public static SampleToUnit? TryCreate(ReadOnlySpan<byte> entry, TrackKind kind, out string? reason)
    {
        if (SampleDescription.TryParse(entry, kind) is not { } description)
        {
            reason = "its sample description is damaged";
            return null;
        }

        byte[]? adts = [];
        reason = description.IsEncrypted ? "it is encrypted" : description.Problem;
        if (reason is null && description.Aac is { } aac)
        {
            adts = AdtsHeader.TryCreate(aac, out reason);
        }

        var format = FormatOf(description);
        reason ??= format is null ? $"{description.Codecs} cannot be sent in MPEG-TS" : null;
        return reason is null ? new SampleToUnit(description, format!, adts!) : null;
    }

    /// <summary>Whether decoding can begin at a sample: the bitstream is asked first, and the container when that says nothing.</summary>
    public bool IsSync(ReadOnlySpan<byte> sample, bool isFlagged) => _description.Classify(sample) switch
    {
        RandomAccess.Idr or RandomAccess.OpenGop => true,
        RandomAccess.None => false,
        _ => isFlagged,
    };

    /// <summary>One sample as it goes into PES packets; valid until the next. Empty for one that no stream can carry.</summary>
    public ReadOnlySpan<byte> Convert(ReadOnlySpan<byte> sample, bool isSync)
    {
        if (!IsNalVideo && _adts.Length == 0)
        {
            return sample;
        }

        _unit.Clear();
        if (IsNalVideo)
        {
            AnnexB.Write(_unit, sample, _description, isSync, _parameterSets);
        }
        else if (sample.Length is > 0 and <= AdtsHeader.LongestFrame)
        {
            AdtsHeader.Patch(_adts, sample.Length);
            _unit.WriteBytes(_adts);
            _unit.WriteBytes(sample);
        }

        return _unit.WrittenSpan;
    }

    private static EsFormat? FormatOf(SampleDescription description) => description switch
    {
        { Codec: CodecId.H264 } => EsFormat.Avc,
        { Codec: CodecId.Hevc } => EsFormat.Hevc,
        { Codec: CodecId.Aac, Aac: not null } => EsFormat.Adts,
        { Codec: CodecId.Mp3 or CodecId.Mp2 } => EsFormat.MpegAudio(description.SampleRate),
        { Codec: CodecId.Ac3 } => EsFormat.Ac3,
        { Codec: CodecId.Eac3 } => EsFormat.Eac3,
        _ => null,
    };
}
