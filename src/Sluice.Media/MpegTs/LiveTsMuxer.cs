using System.Buffers;
using Sluice.Media.Binary;
using Sluice.Media.Remux;

namespace Sluice.Media.MpegTs;

/// <summary>
/// Writes one endless transport stream (ISO/IEC 13818-1): counters run on for its whole life, the program map gets another version
/// whenever its streams become others. Units come in the order in which they are to be sent.
/// <code>
///   unit ──▶ tables, when decoding can begin here or it is time ──▶ clock ──▶ PES packet      audio frames share one
/// </code>
/// Not safe for several threads. Times are 90 kHz ticks modulo 2^33.
/// </summary>
internal sealed class LiveTsMuxer(IBufferWriter<byte> output, int mapVersion = 0)
{
    /// <summary>Frames whose times differ from their forerunners' end by more than 1 ms get a time of their own.</summary>
    private const int ToleranceTicks = 90;

    /// <summary>Longest time that an audio frame waits for others.</summary>
    private const int LongestAudioTicks = 18_000;

    /// <summary>PES_packet_length has 16 bits.</summary>
    private const int LargestAudioPes = ushort.MaxValue;

    private readonly TsStream _video = new(TsProgram.VideoPid, EsFormat.VideoId);
    private readonly TsStream _audio = new(TsProgram.AudioPid, EsFormat.AudioId);
    private EsFormat? _videoFormat;
    private EsFormat? _audioFormat;
    private byte[] _map = [];
    private bool _hasMap;
    private int _tables;
    private long _tablesTicks;
    private bool _hasTables;
    private long _clockTicks;
    private bool _hasClock;
    private long _audioEndTicks;

    /// <summary>version_number of the next program map.</summary>
    public int NextMapVersion { get; private set; } = mapVersion;

    private int ClockPid => _videoFormat is null ? TsProgram.AudioPid : TsProgram.VideoPid;

    /// <summary>Says what comes from now on.</summary>
    public void SetProgram(EsFormat? video, EsFormat? audio)
    {
        if (_hasMap && Equals(video, _videoFormat) && Equals(audio, _audioFormat))
        {
            return;
        }

        Flush();
        (_videoFormat, _audioFormat) = (video, audio);
        _video.StreamId = video?.StreamId ?? _video.StreamId;
        _audio.StreamId = audio?.StreamId ?? _audio.StreamId;
        var streams = new List<MappedStream>();
        if (video is not null)
        {
            streams.Add(new MappedStream(video.StreamType, TsProgram.VideoPid, video.Descriptors));
        }

        if (audio is not null)
        {
            streams.Add(new MappedStream(audio.StreamType, TsProgram.AudioPid, audio.Descriptors));
        }

        _map = ProgramTables.Map(ClockPid, NextMapVersion, streams);
        (_hasMap, NextMapVersion) = (true, NextMapVersion + 1);
        (_hasTables, _hasClock) = (false, false);
    }

    /// <summary>What comes next is on another timeline.</summary>
    public void Jump()
    {
        Flush();
        (_hasTables, _hasClock) = (false, false);
    }

    /// <summary>Sends a picture.</summary>
    public void WriteVideo(in EsUnit unit, ReadOnlySpan<byte> bytes)
    {
        if (_audio.HasPending && Distance(_audio.DecodeTicks, unit.DtsTicks) >= LongestAudioTicks)
        {
            Flush();
        }

        if (unit.IsSync)
        {
            // Whoever comes in here finds the tables first.
            Flush();
            _hasTables = false;
        }

        _video.Begin(unit.PtsTicks, unit.DtsTicks, unit.IsSync);
        _video.Pending.WriteBytes(bytes);
        Send(_video);
    }

    /// <summary>Takes audio, which is sent when enough has come.</summary>
    public void WriteAudio(in EsUnit unit, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LargestAudioPes - PesHeader.LongBytes)
        {
            return;
        }

        if (_audio.HasPending && !Joins(unit, bytes.Length))
        {
            Flush();
        }

        if (!_audio.HasPending)
        {
            _audio.Begin(unit.PtsTicks, unit.PtsTicks, isRandomAccess: true);
        }

        _audio.Pending.WriteBytes(bytes);
        _audioEndTicks = unit.PtsTicks + unit.DurationTicks;
        if (unit.DurationTicks == 0)
        {
            Flush();
        }
    }

    /// <summary>Sends the audio that waits.</summary>
    public void Flush()
    {
        if (_audio.HasPending)
        {
            var length = (uint)(_audio.Pending.Length - PesHeader.Uncounted);
            _audio.Pending.PatchUInt32(2, (0x01u << 24) | ((uint)_audio.StreamId << 16) | length);
            Send(_audio);
        }
    }

    /// <summary>How far the second time is behind the first, where both count modulo 2^33.</summary>
    internal static long Distance(long from, long to) => (to - from) << 31 >> 31;

    /// <summary>True when the frame may follow those that wait, under their time.</summary>
    private bool Joins(in EsUnit unit, int bytes) =>
        _audio.Pending.Length + bytes <= TsMuxer.LargestAudioPes
        && Distance(_audio.DecodeTicks, unit.PtsTicks) is >= 0 and var waits
        && waits < (ClockPid == TsProgram.AudioPid ? TsMuxer.ClockIntervalTicks : LongestAudioTicks)
        && Math.Abs(Distance(_audioEndTicks, unit.PtsTicks)) <= ToleranceTicks;

    private void Send(TsStream stream)
    {
        if (!_hasTables || Distance(_tablesTicks, stream.DecodeTicks) >= TsMuxer.TableIntervalTicks)
        {
            (_hasTables, _tablesTicks) = (true, stream.DecodeTicks);
            WriteTables();
        }

        stream.Flush(output, NextClock(stream), isLast: false);
    }

    /// <summary>The PCR for the next PES packet of <paramref name="stream"/>. When it is due but the stream is not the one
    /// that carries it, a packet of its own is sent.</summary>
    private long? NextClock(TsStream stream)
    {
        var carries = stream.Pid == ClockPid;
        if (!carries && _hasClock && Distance(_clockTicks, stream.DecodeTicks) < TsMuxer.ClockIntervalTicks)
        {
            return null;
        }

        // Never back: audio that was gathered may be older than the picture before it.
        _clockTicks = _hasClock && Distance(_clockTicks, stream.DecodeTicks) < 0 ? _clockTicks : stream.DecodeTicks;
        _hasClock = true;
        var clock = (_clockTicks - TsMuxer.ClockLeadTicks) & TsPacket.ClockMask;
        if (carries)
        {
            return clock;
        }

        var packet = output.GetSpan(TsPacket.Bytes)[..TsPacket.Bytes];
        TsPacket.Write(packet, ClockPid, _video.LastCounter, false, false, clock, []);
        output.Advance(TsPacket.Bytes);
        return null;
    }

    private void WriteTables()
    {
        var span = output.GetSpan(2 * TsPacket.Bytes);
        TsPacket.Write(span[..TsPacket.Bytes], ProgramTables.AssociationPid, _tables, true, false, null, TsProgram.AssociationPayload);
        TsPacket.Write(span.Slice(TsPacket.Bytes, TsPacket.Bytes), ProgramTables.MapPid, _tables, true, false, null, _map);
        output.Advance(2 * TsPacket.Bytes);
        _tables++;
    }
}
