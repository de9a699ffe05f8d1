using Sluice.Media.MpegTs;

namespace Sluice.Media.Remux;

/// <summary>
/// Takes packed audio apart: frames of AAC, MP3 or AC-3 without a container, whose segments begin with an ID3 tag that says when
/// (RFC 8216 section 3.4).
/// <code>
///   ID3 ▶ time of the first frame     frame, frame, frame ▶ each a duration later
/// </code>
/// </summary>
public sealed class PackedAudioUnits(IEsSink sink)
{
    private const int Clock = 90_000;

    private byte[] _held = new byte[16 * 1024];
    private int _start;
    private int _end;
    private EsFormat? _told;
    private long? _baseTicks;
    private long _samples;
    private int _rate;
    private long _segment;
    private bool _isBreak;

    /// <summary>Bytes that were no audio.</summary>
    public long LostBytes { get; private set; }

    /// <summary>The next byte is the first of another segment.</summary>
    /// <param name="segment">Its number.</param>
    /// <param name="isBreak">It does not go on where the last one ended.</param>
    public void BeginSegment(long segment, bool isBreak)
    {
        LostBytes += _end - _start;
        (_start, _end, _segment) = (0, 0, segment);
        _isBreak |= isBreak;
    }

    /// <summary>Takes the next bytes of the segment.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Hold(bytes);
        while (TryStep())
        {
            // All that is whole.
        }
    }

    /// <summary>Takes a tag, a frame, or a byte that is of neither.</summary>
    private bool TryStep()
    {
        var held = _held.AsSpan(_start, _end - _start);
        var least = held.Length > 0 && held[0] == (byte)'I' ? Id3Tag.HeaderBytes : AudioFrame.HeaderBytes;
        if (held.Length < least)
        {
            return false;
        }

        var tag = Id3Tag.SizeOf(held);
        if (tag is > 0 and <= Id3Tag.MostBytes)
        {
            return TryTakeTag(held, tag);
        }

        if (!AudioFrame.TryRead(held, out var frame))
        {
            var next = held[1..].IndexOfAny((byte)0xFF, (byte)0x0B, (byte)'I');
            var passed = next < 0 ? held.Length : next + 1;
            LostBytes += passed;
            _start += passed;
            return true;
        }

        if (held.Length < frame.SizeBytes)
        {
            return false;
        }

        _start += frame.SizeBytes;
        Hand(frame, held[..frame.SizeBytes]);
        return true;
    }

    private bool TryTakeTag(ReadOnlySpan<byte> held, int size)
    {
        if (held.Length < size)
        {
            return false;
        }

        _start += size;
        if (Id3Tag.TimestampOf(held[..size]) is { } ticks)
        {
            (_baseTicks, _samples) = (ticks, 0);
        }

        return true;
    }

    private void Hand(in AudioFrame frame, ReadOnlySpan<byte> bytes)
    {
        // Without a time it belongs to nothing.
        if (_baseTicks is not { } first)
        {
            LostBytes += bytes.Length;
            return;
        }

        if (frame.Format != _told || frame.SampleRate != _rate)
        {
            (first, _samples) = (first + (_rate > 0 ? _samples * Clock / _rate : 0), 0);
            (_baseTicks, _rate, _told) = (first, frame.SampleRate, frame.Format);
            sink.Describe(null, frame.Format);
        }

        var from = first + (_samples * Clock / _rate);
        _samples += frame.Samples;
        var pts = from & TsPacket.ClockMask;
        sink.Take(isVideo: false, new EsUnit(pts, pts, (int)(first + (_samples * Clock / _rate) - from), true, _segment, _isBreak), bytes);
        _isBreak = false;
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        if (_start > 0)
        {
            _held.AsSpan(_start, _end - _start).CopyTo(_held);
            (_start, _end) = (0, _end - _start);
        }

        if (_end + bytes.Length > _held.Length)
        {
            Array.Resize(ref _held, Math.Max(2 * _held.Length, _end + bytes.Length));
        }

        bytes.CopyTo(_held.AsSpan(_end));
        _end += bytes.Length;
    }
}
