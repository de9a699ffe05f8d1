using Sluice.Media.MpegTs;
using RandomAccess = Sluice.Media.Codecs.RandomAccess;

namespace Sluice.Media.Remux;

/// <summary>
/// Takes MPEG-TS apart into elementary streams: its video, its audio, or both.
/// <code>
///   bytes ──▶ TsFraming ──▶ TsDemuxer: the program, and where decoding can begin
///                      └──▶ a PesUnits for each stream that is wanted ──▶ sink
/// </code>
/// A PES packet may go on in the next segment, so the last of each is known to be whole only then. Behind a picture that was lost those are left out that
/// refer to it: see <see cref="PictureWait"/>.
/// </summary>
public sealed class TransportUnits(IEsSink sink, bool takesVideo, bool takesAudio)
{
    private readonly TsFraming _framing = new();
    private readonly TsDemuxer _demuxer = new();
    private readonly List<PesUnits> _streams = [];
    private TsProgramMap? _program;
    private (EsFormat? Video, EsFormat? Audio) _told;
    private PictureScan? _scan;
    private PesUnits? _latest;
    private int _losses;
    private long _position;
    private long _segment;
    private bool _isBreak;

    /// <summary>Bytes that were no packets.</summary>
    public long LostBytes => _framing.LostBytes;

    /// <summary>PES packets that were left out because they were not whole.</summary>
    public long LostUnits { get; private set; }

    /// <summary>A PES packet larger than this is none that is sent live, and is lost.</summary>
    public int MostUnitBytes { get; init; } = 32 << 20;

    /// <summary>Bytes of PES packets that have not come whole.</summary>
    public int HeldBytes
    {
        get
        {
            var held = 0;
            foreach (var stream in _streams)
            {
                held += stream.IsOpen ? stream.Bytes.Length : 0;
            }

            return held;
        }
    }

    /// <summary>The next byte is the first of another segment.</summary>
    /// <param name="segment">Its number.</param>
    /// <param name="isBreak">It does not go on where the last one ended.</param>
    /// <param name="isCut">The last one was cut off.</param>
    public void BeginSegment(long segment, bool isBreak, bool isCut)
    {
        _framing.Restart();
        if (isBreak)
        {
            Finish(isCut);
            _demuxer.Interrupt();
        }

        foreach (var stream in _streams)
        {
            stream.Restart(isCut);
        }

        _segment = segment;
        _isBreak |= isBreak;
    }

    /// <summary>Takes the next bytes of the segment.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (_framing.TryTake(ref bytes, out var packets))
        {
            LookForLoss();
            for (; !packets.IsEmpty; packets = packets[TsFraming.PacketBytes..])
            {
                Take(packets[..TsFraming.PacketBytes]);
                _position += TsFraming.PacketBytes;
            }
        }
    }

    /// <summary>No more will come, or nothing that goes on from here.</summary>
    /// <param name="isCut">The last segment was cut off.</param>
    public void Finish(bool isCut)
    {
        foreach (var stream in _streams)
        {
            if (stream.IsOpen && !isCut)
            {
                Hand(stream);
            }

            stream.Close();
        }
    }

    private void Take(ReadOnlySpan<byte> packet)
    {
        var head = new TsPacketHead(packet);
        if (head.IsBroken)
        {
            return;
        }

        // What ends with this packet goes first: afterwards the program may be another.
        var stream = head.HasPayload ? Find(head.Pid) : null;
        if (stream is not null && stream.IsRepeat(head))
        {
            return;
        }

        if (stream is not null && stream.Ends(head, out var isWhole))
        {
            if (isWhole)
            {
                Hand(stream);
                stream.Close();
            }
            else
            {
                Lose(stream);
            }
        }

        var point = _demuxer.Read(packet, _position);
        if (_demuxer.Program is { } program && program != _program)
        {
            SetProgram(program);
            stream = Find(head.Pid);
        }

        _latest = stream;
        if (stream is null || !head.HasPayload)
        {
            return;
        }

        var leads = stream == _streams[0];
        stream.Take(head, _position, _segment, _isBreak && leads);
        if (stream.IsTooLarge)
        {
            Lose(stream);
        }

        if (head.IsStart && leads && stream.IsOpen)
        {
            _isBreak = false;
        }

        if (point is not null && stream.IsOpen && stream.Position == point.Position)
        {
            stream.MarkSync();
        }

        if (stream.IsWhole && !stream.IsVideo)
        {
            Hand(stream);
            stream.Close();
        }
    }

    private void Hand(PesUnits stream)
    {
        Tell();
        if (stream.Wait.IsOn && !stream.Wait.Admits(AccessOf(stream), stream.Unit.PtsTicks))
        {
            _isBreak |= stream.Unit.IsBreak;
        }
        else if (!stream.Bytes.IsEmpty)
        {
            sink.Take(stream.IsVideo, stream.Unit, stream.Bytes);
        }
    }

    /// <summary>What is open will not be whole, and what refers to it is of no use.</summary>
    private void Lose(PesUnits stream)
    {
        LostUnits++;
        _isBreak |= stream.Unit.IsBreak;
        stream.Close();
        if (stream.IsVideo)
        {
            stream.Wait.Begin(stream.Unit.PtsTicks);
        }
    }

    /// <summary>Where bytes are missing, the last packet has the front of one and the back of another.</summary>
    private void LookForLoss()
    {
        if (_framing.Losses > _losses && _latest is { IsOpen: true } latest)
        {
            Lose(latest);
        }

        _losses = _framing.Losses;
    }

    /// <summary>Whether decoding can begin with a picture, by its own bitstream.</summary>
    private RandomAccess AccessOf(PesUnits stream)
    {
        _scan ??= new PictureScan();
        _scan.Begin(_program!.Streams.First(s => s.Pid == stream.Pid).Codec, stream.Unit.IsSync);
        return _scan.Take(stream.Bytes)?.Access ?? RandomAccess.None;
    }

    private void SetProgram(TsProgramMap program)
    {
        _program = program;
        Finish(isCut: false);
        _streams.Clear();
        _latest = null;
        Add(program, takesVideo, isVideo: true);
        Add(program, takesAudio, isVideo: false);
    }

    private void Add(TsProgramMap program, bool isWanted, bool isVideo)
    {
        foreach (var stream in program.Streams)
        {
            if (isWanted && (isVideo ? stream.IsVideo : stream.Codec == TsCodec.Audio))
            {
                _streams.Add(new PesUnits(stream.Pid, isVideo, MostUnitBytes));
                return;
            }
        }
    }

    /// <summary>Formats are known with the first PES packet of each stream, which says its stream_id.</summary>
    private void Tell()
    {
        var formats = (FormatOf(isVideo: true), FormatOf(isVideo: false));
        if (formats != _told)
        {
            _told = formats;
            sink.Describe(formats.Item1, formats.Item2);
        }
    }

    private EsFormat? FormatOf(bool isVideo)
    {
        var stream = _streams.Find(s => s.IsVideo == isVideo);
        var type = stream is null ? (TsElementaryStream?)null : _program!.Streams.First(s => s.Pid == stream.Pid);
        var id = stream is { StreamId: > 0 and var known } ? known : isVideo ? EsFormat.VideoId : EsFormat.AudioId;
        return type is { } found ? new EsFormat(found.StreamType, id, _program!.DescriptorsOf(found.Pid)) : null;
    }

    private PesUnits? Find(int pid)
    {
        foreach (var stream in _streams)
        {
            if (stream.Pid == pid)
            {
                return stream;
            }
        }

        return null;
    }
}
