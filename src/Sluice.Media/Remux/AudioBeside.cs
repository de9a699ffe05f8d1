using Sluice.Media.MpegTs;

namespace Sluice.Media.Remux;

/// <summary>What is to be done with the audio that has waited longest.</summary>
internal enum AudioMove
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>It comes before the picture.</summary>
    Send,

    /// <summary>It comes after the picture, or is of a timeline that the picture is not on yet.</summary>
    Wait,

    /// <summary>It is too late, or of a timeline that the pictures have left.</summary>
    LeaveOut,
}

/// <summary>
/// Audio that waits for the pictures that it belongs to. Times alone say which these are; after a break the two may be on different
/// timelines for a while, and whichever has crossed it first waits for the other:
/// <code>
///   pictures went back, audio not yet   ▶ left out until it goes back too
///   audio went back, pictures not yet   ▶ waits
///   far apart                           ▶ waits while the pictures go on as before, else left out
/// </code>
/// </summary>
/// <param name="isApart">It has a source of its own. What comes along with its video is never late, however long its fragment is.</param>
internal sealed class AudioBeside(bool isApart)
{
    /// <summary>Audio from elsewhere that is later than this, 90 kHz, is of no use to anybody.</summary>
    private const long LateTicks = 45_000;

    /// <summary>Times that are further apart, 90 kHz, are of different timelines.</summary>
    internal const long FarTicks = 30 * 90_000;

    /// <summary>How long audio that went back waits for pictures that do so too, 90 kHz of its own.</summary>
    private const long MostBarredTicks = 15 * 90_000;

    /// <summary>Bytes that wait: 8 min at 64 kbit/s.</summary>
    private const int MostBytes = 4 << 20;

    private bool _hasLeft;

    /// <summary>What waits.</summary>
    public UnitQueue Queue { get; } = new();

    /// <summary>Frames that were left out.</summary>
    public long LateFrames { get; private set; }

    /// <summary>End of the last frame; null before the first.</summary>
    public long? EndTicks { get; private set; }

    /// <summary>Takes a frame.</summary>
    public void Add(in EsUnit unit, ReadOnlySpan<byte> bytes)
    {
        var wentBack = EndTicks is { } end && LiveTsMuxer.Distance(unit.DtsTicks, end) > LateTicks;
        if (Queue.Bytes + bytes.Length > MostBytes)
        {
            LeaveOut();
        }

        Queue.Enqueue(unit with { IsBreak = unit.IsBreak || wentBack }, bytes);
        EndTicks = (unit.DtsTicks + unit.DurationTicks) & TsPacket.ClockMask;
    }

    /// <summary>Leaves the head out.</summary>
    public void LeaveOut()
    {
        LateFrames++;
        Queue.Dequeue();
    }

    /// <summary>The pictures have crossed a break, and went back in time by it.</summary>
    public void PicturesWentBack() => _hasLeft = true;

    /// <summary>There is audio up to a time. After the pictures went back there is none until it is known to have gone back too.</summary>
    public bool Reaches(long ticks, long ahead) =>
        !_hasLeft && EndTicks is { } end && LiveTsMuxer.Distance(ticks, end) is var distance && distance > -ahead && distance < FarTicks;

    /// <summary>What is to be done with the head.</summary>
    /// <param name="picture">Decode time of the picture that would be sent next.</param>
    /// <param name="sent">Decode time of the one that was sent before, on the same timeline; null when there is none.</param>
    public AudioMove Judge(long picture, long? sent)
    {
        if (Queue.Count == 0)
        {
            return AudioMove.None;
        }

        ref readonly var head = ref Queue.Head;
        var ahead = LiveTsMuxer.Distance(picture, head.DtsTicks);
        if (_hasLeft && !head.IsBreak && ahead > LateTicks)
        {
            return AudioMove.LeaveOut;
        }

        _hasLeft = false;
        if (Math.Abs(ahead) > FarTicks)
        {
            return sent is not null ? AudioMove.Wait : AudioMove.LeaveOut;
        }

        if (ahead > 0 || IsBarred(head, sent))
        {
            return AudioMove.Wait;
        }

        var late = LiveTsMuxer.Distance(head.DtsTicks, sent ?? picture);
        return late > (isApart || sent is null ? LateTicks : FarTicks) ? AudioMove.LeaveOut : AudioMove.Send;
    }

    /// <summary>It has gone back, and the pictures have not.</summary>
    private bool IsBarred(in EsUnit head, long? sent) => isApart && head.IsBreak && sent is { } last
        && LiveTsMuxer.Distance(head.DtsTicks, last) > LateTicks
        && LiveTsMuxer.Distance(head.DtsTicks, Queue.Last.DtsTicks) < MostBarredTicks;
}
