using System.Runtime.ExceptionServices;
using Sluice.Media.Remux;

namespace Sluice.Server.Live.Fragments;

/// <summary>
/// The streams of one upstream on their way into the endless body, video and audio from one source or two.
/// <code>
///   main  ──▶ units ─┐
///                    ├─▶ LiveMuxer ──▶ TsLogWriter          all under one lock: the sources have threads of their own
///   audio ──▶ units ─┘      └ video that waits too long for audio goes alone
/// </code>
/// Who has come too far ahead is made to wait, and with it whoever sends (<see cref="ReadyAsync"/>).
/// </summary>
internal sealed class LiveRemux : ITransportOutput, IDisposable
{
    /// <summary>Bytes of one source that may wait for the other before it is made to wait itself: so many, or a part of what may wait at all.</summary>
    private const long EnoughBytes = 1 << 20;
    private const int EnoughPart = 4;

    private static readonly TimeSpan ShortestPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(20);

    private readonly TsLogWriter _writer;
    private readonly TimeSpan _patience;
    private readonly ChannelMemory _memory;
    private readonly bool _isAudioApart;
    private readonly LiveMuxer _muxer;
    private readonly ITimer _timer;
    private readonly Queue<(long Number, UpstreamSegment Segment)> _segments = new();
    private TaskCompletionSource _change = NewChange();
    private ExceptionDispatchInfo? _mistake;
    private bool _isTimed;
    private long _countedBytes;
    private long _mainBytes;
    private long _audioBytes;
    private long _next;
    private bool _isOpen;
    private bool _isOver;

    /// <param name="writer">Where it goes.</param>
    /// <param name="isAudioApart">Audio has a source of its own.</param>
    /// <param name="mapVersion">See <see cref="LiveMuxer"/>.</param>
    /// <param name="target">Target duration: video waits for audio no longer than two of them.</param>
    /// <param name="memory">Of the channel: says how many bytes may wait, and counts them.</param>
    /// <param name="clock">For waiting.</param>
    public LiveRemux(TsLogWriter writer, bool isAudioApart, int mapVersion, TimeSpan target, ChannelMemory memory, TimeProvider clock)
    {
        (_writer, _memory, _isAudioApart) = (writer, memory, isAudioApart);
        _patience = TimeSpan.FromTicks(Math.Clamp(2 * target.Ticks, ShortestPatience.Ticks, LongestPatience.Ticks));
        _muxer = new LiveMuxer(this, isAudioApart, mapVersion);
        _timer = clock.CreateTimer(static state => ((LiveRemux)state!).LoseHope(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Held by whoever feeds the sources.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The source that leads.</summary>
    public IEsSink Main => _muxer.Main;

    /// <summary>The source of audio that is apart.</summary>
    public IEsSink Audio => _muxer.Audio;

    /// <summary>Is told why there is no endless body.</summary>
    public required Action<string> Refused { get; init; }

    /// <summary>For the stream after this one.</summary>
    public int NextMapVersion => _muxer.NextMapVersion;

    /// <summary>Times that video went on without audio.</summary>
    public int TimesAlone => _muxer.TimesAlone;

    /// <summary>Audio frames that came too late.</summary>
    public long LateFrames => _muxer.LateFrames;

    /// <summary>One of the sources cannot be sent in MPEG-TS. Without its audio the video still can.</summary>
    public void Refuse(SinkRole role, string reason)
    {
        if (role == SinkRole.Main)
        {
            Refused(reason);
            return;
        }

        EndAudio();
    }

    /// <summary>The source of audio will bring none.</summary>
    public void EndAudio()
    {
        _muxer.EndAudio();
        Settle();
    }

    /// <summary>A segment of the source that leads begins.</summary>
    /// <returns>Its number, which its units are to have.</returns>
    public long BeginSegment(UpstreamSegment segment)
    {
        _segments.Enqueue((_next, segment));
        return _next++;
    }

    /// <summary>A segment of the source that leads has ended.</summary>
    /// <param name="isTold">All of its units have been told.</param>
    public void EndSegment(bool isTold)
    {
        _muxer.Rest();
        if (isTold && !_muxer.HoldsLead && _isOpen)
        {
            _isOpen = false;
            _writer.EndSegment(isWhole: true);
        }
    }

    /// <summary>Most of one unit of a source, until it is whole.</summary>
    public int MostUnitBytes => _memory.PictureBytes;

    /// <summary>After units were told: looks who has to wait.</summary>
    /// <param name="role">Whose they are.</param>
    /// <param name="heldBytes">Of that source, what has not come whole.</param>
    public void Settle(SinkRole role, long heldBytes)
    {
        (_mainBytes, _audioBytes) = role == SinkRole.Main ? (heldBytes, _audioBytes) : (_mainBytes, heldBytes);
        Settle();
    }

    private void Settle()
    {
        if (_muxer.HeldBytes + _mainBytes + _audioBytes + _writer.HeldBytes > _memory.MuxerBytes)
        {
            _muxer.GoAlone();
        }

        Count(_muxer.HeldBytes + _mainBytes + _audioBytes);

        if (_isTimed != _muxer.IsWaiting)
        {
            _isTimed = _muxer.IsWaiting;
            _timer.Change(_isTimed ? _patience : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        Interlocked.Exchange(ref _change, NewChange()).TrySetResult();
    }

    /// <summary>Waits as long as one source is too far ahead of the other.</summary>
    /// <param name="isMain">Which one asks.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async ValueTask ReadyAsync(bool isMain, CancellationToken ct)
    {
        while (true)
        {
            Task change;
            lock (Gate)
            {
                _mistake?.Throw();
                // Fragments that have their audio behind their video wait for nothing but their own bytes.
                var enough = Math.Min(EnoughBytes, _memory.MuxerBytes / EnoughPart);
                var hasEnough = isMain ? _isAudioApart && _muxer.IsWaiting && _muxer.HeldBytes > enough : _muxer.HeldAudioBytes > enough;
                if (!hasEnough)
                {
                    return;
                }

                change = _change.Task;
            }

            await change.WaitAsync(ct);
        }
    }

    /// <summary>Sends what waits: the upstream is left.</summary>
    public void Complete()
    {
        lock (Gate)
        {
            _muxer.Complete();
            (_mainBytes, _audioBytes) = (0, 0);
            Settle();
        }
    }

    /// <summary>What still waits is of no use any more.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (Gate)
        {
            _isOver = true; // The timer may have gone off already, and waits for the lock.
            Count(0);
        }
    }

    /// <inheritdoc />
    void ITransportOutput.BeginSegment(long segment, bool isBreak)
    {
        while (_segments.Count > 1 && _segments.Peek().Number < segment)
        {
            _segments.Dequeue();
        }

        var of = _segments.Peek().Segment.Segment;
        _writer.BeginSegment(isBreak, of.ProgramTime, of.Duration);
        _isOpen = true;
    }

    /// <inheritdoc />
    void ITransportOutput.Write(ReadOnlySpan<byte> packets) => _writer.Write(packets);

    private void Count(long bytes)
    {
        _memory.Take(bytes - _countedBytes);
        _countedBytes = bytes;
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The timer's, on a thread where nobody catches anything: what goes wrong is thrown where it is asked next.</summary>
    private void LoseHope()
    {
        lock (Gate)
        {
            if (_isOver)
            {
                return;
            }

            _isTimed = false;
            try
            {
                if (_muxer.IsWaiting)
                {
                    _muxer.GoAlone();
                }

                Settle();
            }
            catch (Exception e)
            {
                _mistake = ExceptionDispatchInfo.Capture(e);
                Interlocked.Exchange(ref _change, NewChange()).TrySetResult();
            }
        }
    }
}
