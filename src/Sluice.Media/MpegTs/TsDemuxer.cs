using Sluice.Media.Codecs;
using RandomAccess = Sluice.Media.Codecs.RandomAccess;

namespace Sluice.Media.MpegTs;

/// <summary>
/// Follows a stream packet by packet: its program, and where a viewer may come in.
/// <code>
///   PAT ──▶ PMT ──▶ lead stream ──▶ a PES packet begins: note its place and all counters
///                                   its first slice says whether decoding can begin there: a point
/// </code>
/// A point is known some packets after the place that it names. Not safe for several threads.
/// </summary>
public sealed class TsDemuxer
{
    /// <summary>Audio can begin at every frame; points closer than this, 90 kHz, would be of no use.</summary>
    private const long AudioPointTicks = 45_000;

    /// <summary>PIDs beyond the program that a join speaks of: service tables and the like.</summary>
    private const int MostOthers = 32;

    /// <summary>Stands for no counter; in four bits it is 15, the one before the first, which the rewriter makes 0.</summary>
    private const byte Unseen = 0xFF;

    private readonly SectionAssembler _association;
    private readonly SectionAssembler _map;
    private readonly byte[] _counters = new byte[TsPacketHead.Pids];
    private readonly Dictionary<int, byte> _candidateCounters = [];
    private readonly List<int> _others = [];
    private readonly PictureScan _scan = new();
    private byte[] _associationBytes = [];
    private (int Program, int MapPid)? _first;
    private TsElementaryStream? _lead;
    private (long Position, long? PtsTicks) _candidate;
    private TsPoint? _found;
    private long? _lastAudioTicks;
    private byte[] _sets = [];

    /// <summary>Nothing is known yet.</summary>
    public TsDemuxer()
    {
        _association = new SectionAssembler(TakeAssociation);
        _map = new SectionAssembler(TakeMap);

        _counters.AsSpan().Fill(Unseen);
    }

    /// <summary>The program that is in force; null until its tables have come.</summary>
    public TsProgramMap? Program { get; private set; }

    /// <summary>Pictures, or pieces of audio, that have begun.</summary>
    public long Units { get; private set; }

    /// <summary>Presentation time of the last of them, 90 kHz, modulo 2^33; null when none said any.</summary>
    public long? LastPtsTicks { get; private set; }

    /// <summary>The program's tables as packets, for what begins here and brings none itself; empty as long as there is no program.</summary>
    public ReadOnlyMemory<byte> Tables => Program is null
        ? default
        : JoinPackets.Tables(Program, _counters[ProgramTables.AssociationPid], _counters[Program.MapPid]);

    /// <summary>The same for a stream that goes on, with counters that <see cref="ContinuityRewriter.Insert"/> sets.</summary>
    public ReadOnlyMemory<byte> RepeatedTables { get; private set; }

    /// <summary>Takes one packet, with the counter that viewers will see.</summary>
    /// <param name="packet">188 bytes.</param>
    /// <param name="position">Where it lies; points are told in the same measure.</param>
    /// <returns>A point that this packet made known; null for nearly all.</returns>
    public TsPoint? Read(ReadOnlySpan<byte> packet, long position)
    {
        var head = new TsPacketHead(packet);
        if (head.IsBroken)
        {
            return null;
        }

        var pid = head.Pid;
        if (pid == ProgramTables.AssociationPid)
        {
            _association.Take(head.Payload, head.IsStart);
        }
        else if (pid == _first?.MapPid)
        {
            _map.Take(head.Payload, head.IsStart);
        }
        else if (pid == _lead?.Pid)
        {
            ReadLead(head, position);
        }

        if (head.HasPayload)
        {
            if (_counters[pid] == Unseen && _others.Count < MostOthers)
            {
                _others.Add(pid);
            }

            _counters[pid] = (byte)head.Counter;
        }

        var found = _found;
        _found = null;
        return found;
    }

    /// <summary>Whether a run has nothing to tell but its last counter: then <see cref="PassRun"/> is enough.</summary>
    /// <param name="run">See <see cref="TsRun.Length"/>.</param>
    public bool MayPassRun(ReadOnlySpan<byte> run)
    {
        var pid = new TsPacketHead(run).Pid;
        return _counters[pid] != Unseen && pid != ProgramTables.AssociationPid && pid != _first?.MapPid && !(pid == _lead?.Pid && _scan.IsOpen);
    }

    /// <summary>Takes a run at once, of which <see cref="MayPassRun"/> is true, with the counters that viewers will see.</summary>
    public void PassRun(ReadOnlySpan<byte> run)
    {
        var last = new TsPacketHead(run[^TsPacket.Bytes..]);
        _counters[last.Pid] = (byte)last.Counter;
    }

    /// <summary>What comes next does not belong to what came: a picture that was begun is none.</summary>
    public void Interrupt()
    {
        _scan.Drop();
        _lastAudioTicks = null;
    }

    private void ReadLead(TsPacketHead head, long position)
    {
        var payload = head.Payload;
        if (!head.IsStart)
        {
            Judge(_scan.Take(payload));
            return;
        }

        _scan.Drop();
        if (head.IsScrambled || !PesHead.TryRead(payload, out var pes))
        {
            return;
        }

        Units++;
        LastPtsTicks = pes.PtsTicks ?? LastPtsTicks;
        if (_lead is not { IsVideo: true } video)
        {
            ReadAudio(position, pes.PtsTicks);
            return;
        }

        // Only few of these become points, but what those need is known only now.
        _candidate = (position, pes.PtsTicks);
        _scan.Begin(video.Codec, head.IsRandomAccess);
        CopyCounters();
        Judge(_scan.Take(payload[Math.Min(pes.HeadBytes, payload.Length)..]));
    }

    private void ReadAudio(long position, long? pts)
    {
        if (pts is null || _lastAudioTicks is not { } last || ((pts - last) & TsPacket.ClockMask) >= AudioPointTicks)
        {
            _lastAudioTicks = pts;
            CopyCounters();
            _found = new TsPoint(position, pts, false, JoinPackets.Of(Program!, _candidateCounters));
        }
    }

    private void Judge(PictureVerdict? verdict)
    {
        if (verdict is not { Access: RandomAccess.Idr or RandomAccess.OpenGop } key)
        {
            return;
        }

        // Some streams bring their parameter sets once only: whoever comes in later is given them.
        if (key.HasParameterSets && !_scan.ParameterSets.SequenceEqual(_sets))
        {
            _sets = _scan.ParameterSets.ToArray();
        }

        var isOpen = key.Access == RandomAccess.OpenGop;
        if (key.HasParameterSets || _sets.Length == 0)
        {
            _found = new TsPoint(_candidate.Position, _candidate.PtsTicks, isOpen, JoinPackets.Of(Program!, _candidateCounters));
            return;
        }

        // Their packets count, so that the picture's counter follows theirs.
        var pid = _lead!.Value.Pid;
        var sets = JoinPackets.ParameterSets(pid, _candidateCounters[pid], _candidate.PtsTicks, _sets);
        _candidateCounters[pid] -= (byte)(sets.Length / TsPacket.Bytes);
        byte[] join = [.. JoinPackets.Of(Program!, _candidateCounters), .. sets];
        _found = new TsPoint(_candidate.Position, _candidate.PtsTicks, isOpen, join, join.AsMemory(join.Length - sets.Length));
    }

    private void CopyCounters()
    {
        _candidateCounters.Clear();
        foreach (var stream in Program!.Streams)
        {
            _candidateCounters[stream.Pid] = _counters[stream.Pid];
        }

        foreach (var pid in _others)
        {
            _candidateCounters[pid] = _counters[pid];
        }

        foreach (var pid in (ReadOnlySpan<int>)[ProgramTables.AssociationPid, Program.MapPid, Program.ClockPid])
        {
            _candidateCounters[pid] = _counters[pid];
        }
    }

    private void TakeAssociation(ReadOnlySpan<byte> section)
    {
        if (section.SequenceEqual(_associationBytes) || TsProgramMap.FirstProgram(section) is not { } first)
        {
            return;
        }

        _associationBytes = section.ToArray();
        _first = first;
        (Program, _lead, RepeatedTables) = (null, null, default);
        _scan.Drop();
    }

    private void TakeMap(ReadOnlySpan<byte> section)
    {
        if (_first is not var (program, pid) || (Program is not null && section.SequenceEqual(Program.Map))
            || TsProgramMap.TryRead(section, program, pid, _associationBytes) is not { } map)
        {
            return;
        }

        (Program, _lead, _sets) = (map, map.Lead, []);
        RepeatedTables = JoinPackets.PlainTables(map);
        _scan.Drop();
    }
}
