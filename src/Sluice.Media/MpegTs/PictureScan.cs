using System.Buffers.Binary;
using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using RandomAccess = Sluice.Media.Codecs.RandomAccess;

namespace Sluice.Media.MpegTs;

/// <summary>What the beginning of a picture says of it.</summary>
/// <param name="Access">Whether decoding can begin here.</param>
/// <param name="HasParameterSets">What is needed to decode it comes with it.</param>
internal readonly record struct PictureVerdict(RandomAccess Access, bool HasParameterSets);

/// <summary>
/// Looks into pictures in byte stream format (H.264 and H.265 annex B, MPEG-2 section 6.2) as their packets come, no further
/// than to the first slice. Holds what it needs for that and no more.
/// </summary>
internal sealed class PictureScan
{
    /// <summary>Parameter sets and supplemental information before the first slice are smaller by far.</summary>
    private const int MostBytes = 16 * 1024;

    private readonly byte[] _bytes = new byte[MostBytes];
    private readonly byte[] _sets = new byte[MostBytes];
    private int _count;
    private int _unit;
    private TsCodec _codec;
    private bool _isFlagged;
    private bool _hasSequenceSet;
    private bool _hasPictureSet;
    private bool _recovers;
    private int _setBytes;

    /// <summary>A picture has begun, and the answer is not known yet.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Parameter sets of the picture that was judged last, with their start codes; of H.264 and H.265.</summary>
    public ReadOnlySpan<byte> ParameterSets => _sets.AsSpan(0, _setBytes);

    /// <param name="codec">Of the stream.</param>
    /// <param name="isFlagged">random_access_indicator, which is believed where the bitstream cannot be read.</param>
    public void Begin(TsCodec codec, bool isFlagged)
    {
        (_codec, _isFlagged, _count, _unit, IsOpen) = (codec, isFlagged, 0, -1, true);
        (_hasSequenceSet, _hasPictureSet, _recovers, _setBytes) = (false, false, false, 0);
    }

    /// <summary>What was begun goes on nowhere.</summary>
    public void Drop() => IsOpen = false;

    /// <summary>Takes more of the picture.</summary>
    /// <returns>The answer, once; null before that.</returns>
    public PictureVerdict? Take(ReadOnlySpan<byte> bytes)
    {
        if (!IsOpen)
        {
            return null;
        }

        if (_codec is not (TsCodec.Avc or TsCodec.Hevc or TsCodec.Mpeg2Video))
        {
            return Close(_isFlagged ? RandomAccess.Idr : RandomAccess.None, true);
        }

        var taken = Math.Min(bytes.Length, MostBytes - _count);
        bytes[..taken].CopyTo(_bytes.AsSpan(_count));
        _count += taken;
        return Walk() ?? (_count == MostBytes ? Close(RandomAccess.None, false) : null);
    }

    /// <summary>From start code to start code. A unit is judged when its end is there, a slice as soon as its first bytes are.</summary>
    private PictureVerdict? Walk()
    {
        while (true)
        {
            var from = _unit < 0 ? 0 : _unit;
            var next = _bytes.AsSpan(from, _count - from).IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
            var end = next < 0 ? _count : from + next;
            if (_unit >= 0 && Judge(_bytes.AsSpan(_unit, end - _unit), isWhole: next >= 0) is { } verdict)
            {
                return verdict;
            }

            if (next < 0)
            {
                return null;
            }

            _unit = end + 3;
        }
    }

    private PictureVerdict? Judge(ReadOnlySpan<byte> unit, bool isWhole) => _codec switch
    {
        _ when unit.IsEmpty => null,
        TsCodec.Avc => JudgeAvc(unit, isWhole),
        TsCodec.Hevc => JudgeHevc(unit, isWhole),
        _ => JudgeMpeg2(unit),
    };

    /// <summary>H.264 table 7-1.</summary>
    private PictureVerdict? JudgeAvc(ReadOnlySpan<byte> unit, bool isWhole)
    {
        // Of a slice, first_mb_in_slice and slice_type are needed.
        const int sliceHead = 8;
        switch (unit[0] & 0x1F)
        {
            case 5:
                return Close(RandomAccess.Idr, _hasSequenceSet && _hasPictureSet);
            case >= 1 and <= 4 when isWhole || unit.Length >= sliceHead:
                var begins = _recovers || (_isFlagged && _hasSequenceSet && IsIntraSlice(unit));
                return Close(begins ? RandomAccess.OpenGop : RandomAccess.None, _hasSequenceSet && _hasPictureSet);
            case 6 when isWhole:
                _recovers |= SupplementalInformation.HasRecoveryPoint(unit);
                break;
            case 7:
                _hasSequenceSet = true;
                KeepSet(unit, isWhole);
                break;
            case 8:
                _hasPictureSet = true;
                KeepSet(unit, isWhole);
                break;
        }

        return null;
    }

    /// <summary>H.265 table 7-1.</summary>
    private PictureVerdict? JudgeHevc(ReadOnlySpan<byte> unit, bool isWhole)
    {
        var type = (unit[0] >> 1) & 0x3F;
        _hasSequenceSet |= type == 33;
        _hasPictureSet |= type == 34;
        KeepSet(unit, isWhole && type is >= 32 and <= 34);
        return type >= 32 ? null : Close(type switch
        {
            >= 16 and <= 20 => RandomAccess.Idr,
            21 => RandomAccess.OpenGop,
            _ => RandomAccess.None,
        }, _hasSequenceSet && _hasPictureSet);
    }

    /// <summary>ISO/IEC 13818-2 table 6-1: a sequence header comes before intra pictures only.</summary>
    private PictureVerdict? JudgeMpeg2(ReadOnlySpan<byte> unit)
    {
        _hasSequenceSet |= unit[0] == 0xB3;
        return unit[0] != 0 ? null : Close(_hasSequenceSet ? RandomAccess.OpenGop : RandomAccess.None, _hasSequenceSet);
    }

    /// <summary>slice_type of H.264 table 7-6: 2, 4, 7 and 9 are intra.</summary>
    private static bool IsIntraSlice(ReadOnlySpan<byte> unit)
    {
        var bits = new BitReader(unit[1..]);
        bits.ReadUnsignedExpGolomb();
        var type = bits.ReadUnsignedExpGolomb();
        return !bits.Failed && type is 2 or 4 or 7 or 9;
    }

    /// <summary>Each is judged several times as it comes, and kept when all of it is there. All together are part of what was read.</summary>
    private void KeepSet(ReadOnlySpan<byte> unit, bool isWhole)
    {
        if (isWhole && _setBytes + AnnexB.StartCodeBytes + unit.Length <= _sets.Length)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_sets.AsSpan(_setBytes), 1);
            unit.CopyTo(_sets.AsSpan(_setBytes + AnnexB.StartCodeBytes));
            _setBytes += AnnexB.StartCodeBytes + unit.Length;
        }
    }

    private PictureVerdict Close(RandomAccess access, bool hasSets)
    {
        IsOpen = false;
        return new PictureVerdict(access, hasSets);
    }
}
