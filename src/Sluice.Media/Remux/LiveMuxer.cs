using System.Buffers;
using Sluice.Media.MpegTs;

namespace Sluice.Media.Remux;

/// <summary>
/// Makes one MPEG-TS of video and audio that come by different ways, side by side by their times and by nothing else.
/// <code>
///   Main  ──▶ [video waits] ─┐  1 skip   until a picture that needs no other
///                            ├─▶2 enter  another segment, or another timeline        ──▶ LiveTsMuxer ──▶ output
///   Audio ──▶ [audio waits] ─┘  3 audio  what comes before the picture; if there is none yet, wait
///                               4 send   the picture
/// </code>
/// Video leads: audio that comes too late is left out, and without video nothing goes. What has no video is led by its audio.
/// Whoever feeds it decides how long to wait (<see cref="IsWaiting"/>, <see cref="GoAlone"/>): there is no clock in here. Not safe for
/// several threads.
/// </summary>
public sealed class LiveMuxer
{
    /// <summary>How far video goes ahead of audio that is still to come, 90 kHz: well within the 0.7 s that the clock runs ahead.</summary>
    private const long AheadTicks = 18_000;

    /// <summary>At a jump, audio that ends so close to the last picture still belongs to it.</summary>
    private const long RestTicks = 90_000;

    /// <summary>Where no picture is found in which decoding can begin, 90 kHz: longer than any group of pictures.</summary>
    private const long MostSkippedTicks = 20 * 90_000;

    private const int PieceBytes = 64 * 1024;

    private readonly ITransportOutput _output;
    private readonly ArrayBufferWriter<byte> _packets = new(PieceBytes);
    private readonly LiveTsMuxer _ts;
    private readonly UnitQueue _lead = new();
    private readonly AudioBeside _audio;
    private readonly bool _isApart;
    private (EsFormat? Video, EsFormat? Audio) _formats;
    private bool _expectsAudio;
    private bool _hasNoAudio;
    private bool _isAlone;
    private bool _hasEntered;
    private bool _isBroken;
    private bool _isNew = true;
    private long? _sent;
    private long? _skippingSince;
    private long _segment = -1;

    /// <summary>Starts a stream.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="isAudioApart">Audio comes from a source of its own, and is waited for before it is known.</param>
    /// <param name="mapVersion">version_number of the first program map: another one than that of a stream before it.</param>
    public LiveMuxer(ITransportOutput output, bool isAudioApart, int mapVersion = 0)
    {
        (_output, _isApart, _expectsAudio) = (output, isAudioApart, isAudioApart);
        _audio = new AudioBeside(isAudioApart);
        _ts = new LiveTsMuxer(_packets, mapVersion);
        Main = new MainSource(this);
        Audio = new AudioSource(this);
    }

    /// <summary>The source that leads: all of it, or all but its audio.</summary>
    public IEsSink Main { get; }

    /// <summary>The source of audio that is apart.</summary>
    public IEsSink Audio { get; }

    /// <summary>version_number for a program map that comes after this stream.</summary>
    public int NextMapVersion => _ts.NextMapVersion;

    /// <summary>Bytes that wait.</summary>
    public long HeldBytes => _lead.Bytes + (long)_audio.Queue.Bytes;

    /// <summary>Bytes of audio that wait for video.</summary>
    public int HeldAudioBytes => _audio.Queue.Bytes;

    /// <summary>Video waits for audio.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Audio frames that came too late, or were of another timeline.</summary>
    public long LateFrames => _audio.LateFrames;

    /// <summary>Times that video went on without audio.</summary>
    public int TimesAlone { get; private set; }

    /// <summary>Pictures that were left out because decoding could not begin there, or because they had been sent already.</summary>
    public long SkippedPictures { get; private set; }

    /// <summary>Audio is not waited for any more, until there is some again.</summary>
    public void GoAlone()
    {
        TimesAlone += IsWaiting ? 1 : 0;
        _isAlone = true;
        Pump();
    }

    /// <summary>Video that waits for audio, or for nothing but its turn.</summary>
    public bool HoldsLead => _lead.Count > 0;

    /// <summary>Sends the audio that was gathered: nothing may come for a while.</summary>
    public void Rest()
    {
        _ts.Flush();
        Hand();
    }

    /// <summary>There will be no audio from the other source, and none is waited for.</summary>
    public void EndAudio()
    {
        (_expectsAudio, _hasNoAudio) = (false, true);
        Pump();
    }

    /// <summary>Sends all that waits: no more will come.</summary>
    public void Complete()
    {
        _expectsAudio = false;
        Pump();
        while (_sent is { } last && _audio.Judge(last + RestTicks, last) is var move and (AudioMove.Send or AudioMove.LeaveOut))
        {
            Take(move);
        }

        _ts.Flush();
        Hand();
    }

    private void Describe(EsFormat? video, EsFormat? audio)
    {
        var isOther = (_formats.Video is { } oldVideo && oldVideo != video) || (_formats.Audio is { } oldAudio && oldAudio != audio);
        if (_lead.Count > 0 && isOther)
        {
            // What waits is of what there was before.
            _isAlone = true;
            Pump();
            _isAlone = false;
        }

        _formats = (video, audio);
    }

    private void Pump()
    {
        IsWaiting = false;
        while (_lead.Count > 0 && !IsWaiting)
        {
            if (!_hasEntered)
            {
                // :: Step 1: skip
                if (IsSkipped(_lead.Head))
                {
                    _isBroken |= _lead.Head.IsBreak;
                    SkippedPictures++;
                    _lead.Dequeue();
                    continue;
                }

                Enter(_lead.Head);
            }

            IsWaiting = !TryBringAudio(_lead.Head.DtsTicks);
            if (!IsWaiting)
            {
                SendLead();
                HandWhenEnough();
            }
        }

        Hand();
    }

    private bool IsSkipped(in EsUnit head)
    {
        if (!_isNew && !_isBroken && !head.IsBreak && !IsFar(head))
        {
            return LiveTsMuxer.Distance(_sent!.Value, head.DtsTicks) <= 0;
        }

        _skippingSince ??= head.DtsTicks;
        return !head.IsSync && Math.Abs(LiveTsMuxer.Distance(_skippingSince.Value, head.DtsTicks)) < MostSkippedTicks;
    }

    private bool IsFar(in EsUnit head) => _sent is { } last && Math.Abs(LiveTsMuxer.Distance(last, head.DtsTicks)) > AudioBeside.FarTicks;

    private void Enter(in EsUnit head)
    {
        // :: Step 2: enter
        _hasEntered = true;
        _skippingSince = null;
        _isNew = false;
        var isBreak = _isBroken || head.IsBreak || IsFar(head);
        if (isBreak)
        {
            Leave(head);
            _ts.Jump();
        }
        else if (head.Segment == _segment)
        {
            return;
        }

        _ts.Flush();
        Hand();
        _output.BeginSegment(head.Segment, isBreak);
        (_segment, _isBroken) = (head.Segment, false);
    }

    /// <summary>Leaves the timeline of what was sent.</summary>
    private void Leave(in EsUnit head)
    {
        if (_sent is not { } last)
        {
            return;
        }

        var isBack = LiveTsMuxer.Distance(head.DtsTicks, last) > 0;
        while ((isBack || IsFar(head)) && _audio.Queue.Count > 0 && !_audio.Queue.Head.IsBreak
            && Math.Abs(LiveTsMuxer.Distance(last, _audio.Queue.Head.DtsTicks)) < RestTicks)
        {
            Take(AudioMove.Send);
        }

        if (isBack)
        {
            _audio.PicturesWentBack();
        }

        _sent = null;
    }

    /// <summary>Sends the audio that comes before a picture.</summary>
    /// <returns>True when the picture may go.</returns>
    private bool TryBringAudio(long picture)
    {
        // :: Step 3: audio
        while (true)
        {
            switch (_audio.Judge(picture, _sent))
            {
                case AudioMove.Wait:
                    _isAlone &= !_audio.Reaches(picture, AheadTicks);
                    return true;
                case AudioMove.None:
                    var isThere = _audio.Reaches(picture, AheadTicks);
                    _isAlone &= !isThere;
                    return isThere || _isAlone || !_expectsAudio;
                case var move:
                    Take(move);
                    break;
            }
        }
    }

    private void Take(AudioMove move)
    {
        if (move == AudioMove.LeaveOut)
        {
            _audio.LeaveOut();
            return;
        }

        _ts.SetProgram(_formats.Video, _formats.Audio);
        _ts.WriteAudio(_audio.Queue.Head, _audio.Queue.HeadBytes);
        _audio.Queue.Dequeue();
    }

    private void SendLead()
    {
        // :: Step 4: send
        _ts.SetProgram(_formats.Video, _formats.Audio);
        if (_formats.Video is null)
        {
            _ts.WriteAudio(_lead.Head, _lead.HeadBytes);
        }
        else
        {
            _ts.WriteVideo(_lead.Head, _lead.HeadBytes);
        }

        _sent = _lead.Head.DtsTicks;
        _hasEntered = false;
        _lead.Dequeue();
    }

    /// <summary>What has waited for long goes out in pieces, or all of it would be there twice.</summary>
    private void HandWhenEnough()
    {
        if (_packets.WrittenCount >= PieceBytes)
        {
            Hand();
        }
    }

    private void Hand()
    {
        if (_packets.WrittenCount > 0)
        {
            _output.Write(_packets.WrittenSpan);
            _packets.ResetWrittenCount();
        }
    }

    private void AddAudio(in EsUnit unit, ReadOnlySpan<byte> bytes)
    {
        _audio.Add(unit, bytes);
        Pump();
    }

    private sealed class MainSource(LiveMuxer muxer) : IEsSink
    {
        public void Describe(EsFormat? video, EsFormat? audio)
        {
            muxer._expectsAudio = (muxer._isApart && !muxer._hasNoAudio) || (video is not null && audio is not null);
            muxer.Describe(video, muxer._isApart && video is not null ? muxer._formats.Audio : audio);
        }

        public void Take(bool isVideo, in EsUnit unit, ReadOnlySpan<byte> bytes)
        {
            if (!isVideo && muxer._formats.Video is not null)
            {
                muxer.AddAudio(unit, bytes);
                return;
            }

            muxer._lead.Enqueue(unit, bytes);
            muxer.Pump();
        }
    }

    private sealed class AudioSource(LiveMuxer muxer) : IEsSink
    {
        public void Describe(EsFormat? video, EsFormat? audio)
        {
            if (muxer._isApart && audio is not null)
            {
                muxer.Describe(muxer._formats.Video, audio);
            }
        }

        public void Take(bool isVideo, in EsUnit unit, ReadOnlySpan<byte> bytes)
        {
            if (!isVideo)
            {
                muxer.AddAudio(unit, bytes);
            }
        }
    }
}
