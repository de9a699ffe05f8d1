using System.Buffers;
using System.Buffers.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>
/// Writes one MPEG-TS segment (ISO/IEC 13818-1, RFC 8216 section 3.2): PAT and PMT first, then PES packets in the order
/// of their decode times, a program clock on the video (or, without one, on the audio).
/// <para>
/// Segments are made on request and alone, yet continuity counters must run on from one to the next. So every PID's
/// count of payload packets is a multiple of 16 in every segment, and each segment starts all counters at 0. That costs
/// nothing invalid: PAT and PMT, which are to be repeated anyway, are sent 16 times (or 32, 48…); the last PES packet of
/// each stream is spread over up to 15 packets more, each with stuffing and at least one byte of payload. Stuffing
/// alone would not do, since packets without payload do not count; <c>discontinuity_indicator</c> would announce
/// a break in the clock that is not there.
/// </para>
/// <para>Not safe for several threads. Times are 90 kHz ticks and may exceed 33 bits; the caller adds one same offset
/// (10 s is customary) so that the clock, which runs 0.7 s ahead of decoding, does not start below 0.</para>
/// </summary>
public sealed class TsMuxer
{
    /// <summary>How long before its decode time a PES packet is said to arrive; what ffmpeg uses too.</summary>
    internal const long ClockLeadTicks = 63_000;

    /// <summary>PAT and PMT come at least every 0.5 s in broadcast (ETSI TR 101 290 section 5.2.1).</summary>
    internal const long TableIntervalTicks = 36_000;

    /// <summary>PCR is due every 0.1 s (section 2.7.2); where pictures are rarer, audio brings it along.</summary>
    internal const long ClockIntervalTicks = 8_100;

    /// <summary>16 packets' worth: audio frames share a PES packet up to here.</summary>
    internal const int LargestAudioPes = (16 * TsPacket.Room) - PesHeader.ShortBytes;

    /// <summary>Longest time that an audio frame waits for others; well below the lead of the clock.</summary>
    internal const long LongestAudioPesTicks = 27_000;

    /// <summary>A frame that is later or earlier than its forerunners say by more than 1 ms gets a PTS of its own.</summary>
    private const long AudioToleranceTicks = 90;

    private const byte VideoStreamId = 0xE0;
    private const byte AudioStreamId = 0xC0;

    /// <summary>A header and one byte; shorter frames are none, and could not be spread over 16 packets.</summary>
    private const int ShortestAudioFrame = 4;

    private readonly TsProgram _program;
    private readonly IBufferWriter<byte> _output;
    private readonly TsStream _video = new(TsProgram.VideoPid, VideoStreamId);
    private readonly TsStream _audio = new(TsProgram.AudioPid, AudioStreamId);
    private readonly byte[] _adts;
    private int _tables;
    private long _tablesTicks;
    private long? _clock;
    private long _clockTicks;
    private long _audioStart;
    private int _audioFrames;

    /// <summary>Starts a segment.</summary>
    /// <param name="program">The rendition that it belongs to.</param>
    /// <param name="output">Receives whole packets; on return of <see cref="Complete"/> all of them.</param>
    public TsMuxer(TsProgram program, IBufferWriter<byte> output)
    {
        _program = program;
        _output = output;
        _adts = [.. program.Adts];
    }

    /// <summary>Adds a picture. Samples of both tracks come in the order of their decode times.</summary>
    /// <param name="ptsTicks">Presentation time, 90 kHz.</param>
    /// <param name="dtsTicks">Decode time, 90 kHz; not after <paramref name="ptsTicks"/>. A track with negative composition
    /// offsets needs all its decode times moved back by the largest of them first.</param>
    /// <param name="isSync">Decoding can start here.</param>
    /// <param name="sample">The sample as in the MP4: NAL units behind lengths.</param>
    /// <exception cref="InvalidOperationException">The program has no video.</exception>
    public void WriteVideo(long ptsTicks, long dtsTicks, bool isSync, ReadOnlySpan<byte> sample)
    {
        var video = _program.Video ?? throw new InvalidOperationException("The program has no video.");
        Flush(_video, isLast: false);
        _video.Begin(ptsTicks, dtsTicks, isSync);
        AnnexB.Write(_video.Pending, sample, video, isSync, _program.ParameterSets);
    }

    /// <summary>Adds an audio frame. Samples of both tracks come in the order of their decode times.</summary>
    /// <param name="ptsTicks">Presentation time, 90 kHz.</param>
    /// <param name="frame">One AAC or MP3 frame as in the MP4. One that no stream can carry (empty, or longer than ADTS
    /// can say) is left out.</param>
    /// <exception cref="InvalidOperationException">The program has no audio.</exception>
    public void WriteAudio(long ptsTicks, ReadOnlySpan<byte> frame)
    {
        if (_program.Audio is null)
        {
            throw new InvalidOperationException("The program has no audio.");
        }

        var isAac = _adts.Length > 0;
        if (frame.Length > AdtsHeader.LongestFrame || frame.Length < (isAac ? 1 : ShortestAudioFrame))
        {
            return;
        }

        if (_audio.HasPending && !Joins(ptsTicks, frame.Length + _adts.Length))
        {
            Flush(_audio, isLast: false);
        }

        if (!_audio.HasPending)
        {
            _audio.Begin(ptsTicks, ptsTicks, isRandomAccess: true);
            _audioStart = ptsTicks;
            _audioFrames = 0;
        }

        _audioFrames++;
        if (isAac)
        {
            AdtsHeader.Patch(_adts, frame.Length);
            _audio.Pending.WriteBytes(_adts);
        }

        _audio.Pending.WriteBytes(frame);
    }

    /// <summary>Sends what waits and brings every counter round to 0. The muxer is spent afterwards.</summary>
    public void Complete()
    {
        var audioFirst = _audio.HasPending && (!_video.HasPending || _audio.DecodeTicks < _video.DecodeTicks);
        Flush(audioFirst ? _audio : _video, isLast: true);
        Flush(audioFirst ? _video : _audio, isLast: true);
        while (_tables == 0 || _tables % TsStream.CounterCycle != 0)
        {
            WriteTables();
        }
    }

    /// <summary>True when the frame may follow those that wait, under their PTS.</summary>
    private bool Joins(long ptsTicks, int bytes)
    {
        var expected = _audioStart + (_audioFrames * 90_000L * _program.AudioFrameSamples / _program.AudioFrameRate);
        return _audio.Pending.Length + bytes <= LargestAudioPes
            && ptsTicks - _audioStart < LongestAudioPesTicks
            && Math.Abs(ptsTicks - expected) <= AudioToleranceTicks;
    }

    private void Flush(TsStream stream, bool isLast)
    {
        if (!stream.HasPending)
        {
            return;
        }

        if (_tables == 0 || stream.DecodeTicks - _tablesTicks >= TableIntervalTicks)
        {
            _tablesTicks = stream.DecodeTicks;
            WriteTables();
        }

        if (stream == _audio)
        {
            _audio.Pending.PatchUInt32(2, AudioLengthWord());
        }

        stream.Flush(_output, NextClock(stream), isLast);
    }

    /// <summary>Last two bytes of the start code and PES_packet_length, which audio must state.</summary>
    private uint AudioLengthWord() =>
        (0x01u << 24) | ((uint)AudioStreamId << 16) | (uint)(_audio.Pending.Length - PesHeader.Uncounted);

    /// <summary>The PCR for the next PES packet of <paramref name="stream"/>. When it is due but the stream is not the one
    /// that carries it, a packet of its own is sent.</summary>
    private long? NextClock(TsStream stream)
    {
        var carries = stream.Pid == _program.ClockPid;
        if (!carries && _clock is not null && stream.DecodeTicks - _clockTicks < ClockIntervalTicks)
        {
            return null;
        }

        _clockTicks = Math.Max(_clock is null ? stream.DecodeTicks : _clockTicks, stream.DecodeTicks);
        _clock = _clockTicks - ClockLeadTicks;
        if (carries)
        {
            return _clock;
        }

        var packet = _output.GetSpan(TsPacket.Bytes)[..TsPacket.Bytes];
        TsPacket.Write(packet, _program.ClockPid, _video.LastCounter, false, false, _clock, []);
        _output.Advance(TsPacket.Bytes);
        return null;
    }

    private void WriteTables()
    {
        var span = _output.GetSpan(2 * TsPacket.Bytes);
        TsPacket.Write(span[..TsPacket.Bytes], ProgramTables.AssociationPid, _tables, true, false, null, TsProgram.AssociationPayload);
        TsPacket.Write(
            span.Slice(TsPacket.Bytes, TsPacket.Bytes), ProgramTables.MapPid, _tables, true, false, null, _program.MapPayload);
        _output.Advance(2 * TsPacket.Bytes);
        _tables++;
    }
}
