using Sluice.Media.MpegTs;

namespace Sluice.Server.Live;

/// <summary>
/// The one budget of a channel (<c>buffer</c>): all that it holds of what comes counts against it.
/// <code>
///   downloads                     half of it at most     ┐
///   init segments, keys           a sixteenth            ├─ Take, Give ──▶ the logs have the rest, by shares, and shrink at once;
///   pictures that are not whole,  what is left, at most  ┘                 one that is fed no more gives way as the others grow
///   or wait for their sound
/// </code>
/// The parts fit together even when each of them is as large as it may be. For any thread.
/// </summary>
internal sealed class ChannelMemory
{
    /// <summary>Shares of all logs together.</summary>
    public const int Shares = 8;

    /// <summary>Whatever the budget, none that is sent live is larger.</summary>
    private const long LargestPicture = 32 << 20;

    /// <summary>MPEG-TS, and fragments of picture and sound.</summary>
    private const int MostLogs = 3;

    /// <summary>Init segments and keys: those that players fetch and those that segments need, of the picture and of the sound, a part for each.</summary>
    private const int SmallThingsPart = 16;
    private const int SmallThings = 4;

    /// <summary>Room for pictures comes before many downloads at a time: a key picture of 1 Mbit, and what is begun behind it.</summary>
    private const long LeastMuxerBytes = 320 * 1024;

    /// <summary>A picture that is being put together has half of what the muxer has at most, one that is held until it has ended a quarter.</summary>
    private const int PicturePart = 2;
    private const int HoldPart = 4;

    /// <summary>A download holds two pieces at least: it is made to wait with the first, and the second is on its way by then.</summary>
    private const long LeastDownloadBytes = 2 * ByteFetch.PieceBytes;

    private readonly Lock _gate = new();
    private readonly List<(ChunkLog Log, int Shares)> _logs;
    private long _takenBytes;
    private long _reservedBytes;

    /// <param name="budgetBytes">Of all of it.</param>
    public ChannelMemory(long budgetBytes)
    {
        (BudgetBytes, Main) = (budgetBytes, new ChunkLog(budgetBytes));
        _logs = [(Main, Shares)];
    }

    /// <summary>The log that is always there.</summary>
    public ChunkLog Main { get; }

    /// <summary>Of all of it.</summary>
    public long BudgetBytes { get; }

    /// <summary>Held beside the logs.</summary>
    public long TakenBytes => Interlocked.Read(ref _takenBytes);

    /// <summary>All that is held.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_gate)
            {
                return _takenBytes + _logs.Sum(static l => l.Log.HeldBytes);
            }
        }
    }

    /// <summary>Most that is on its way from downloads to logs, in pictures and sounds that are not whole or wait for each other.</summary>
    public long MuxerBytes => Math.Max(ByteFetch.PieceBytes, BesideDownloads - DownloadBytes);

    /// <summary>Most of one picture that is being put together.</summary>
    public int PictureBytes => (int)Math.Min(MuxerBytes / PicturePart, LargestPicture);

    /// <summary>Most of the pictures of a transport stream that are held until they have ended.</summary>
    public int HoldBytes => (int)Math.Min(MuxerBytes / HoldPart, PesHold.UsualBytes);

    /// <summary>Most that the init segments of a track take, and so most that one of them may have; likewise what its segments need to be read.</summary>
    public long MapBytes => BudgetBytes / SmallThingsPart / SmallThings;

    /// <summary>Most that all downloads together hold.</summary>
    public long DownloadBytes => Math.Max(2 * LeastDownloadBytes, Math.Min(BudgetBytes / 2, BesideDownloads - LeastMuxerBytes));

    /// <summary>What is left for downloads and the muxer when everything else is as large as it may be, or as small.</summary>
    private long BesideDownloads => BudgetBytes - (BudgetBytes / SmallThingsPart) - (MostLogs * ChunkLog.LeastBytes);

    /// <summary>The logs make way in steps: what a piece takes as it passes through is no reason for them to throw anything away.</summary>
    private long Step => Math.Clamp(BudgetBytes / SmallThingsPart, LogBlock.Room, 8 * LogBlock.Room);

    /// <summary>How downloads keep to a part of what is theirs.</summary>
    /// <param name="wanted">How many at a time are wanted.</param>
    /// <param name="part">Of <paramref name="parts"/>.</param>
    /// <param name="parts">How many parts there are.</param>
    /// <returns>How many there may be, and how much each of them holds before it is made to wait.</returns>
    public (int Parallel, long MostHeldBytes) Downloads(int wanted, int part, int parts)
    {
        var bytes = part == parts ? DownloadBytes : Math.Clamp(DownloadBytes * part / parts, LeastDownloadBytes, DownloadBytes - LeastDownloadBytes);
        var parallel = (int)Math.Clamp(bytes / LeastDownloadBytes, 1, wanted);
        return (parallel, Math.Max(ByteFetch.PieceBytes, (bytes / parallel) - ByteFetch.PieceBytes));
    }

    /// <summary>So much more is held; less when it is negative.</summary>
    public void Take(long bytes)
    {
        lock (_gate)
        {
            _takenBytes += bytes;
            var isTooFew = _takenBytes > _reservedBytes;
            var isTooMany = _takenBytes + (2 * Step) < _reservedBytes;
            if (isTooFew || isTooMany || _logs.Exists(static l => l.Shares == 0 && l.Log.HeldBytes > ChunkLog.LeastBytes))
            {
                _reservedBytes = (_takenBytes + Step - 1) / Step * Step;
                Divide();
            }
        }
    }

    /// <summary>So much is held no more.</summary>
    public void Give(long bytes) => Take(-bytes);

    /// <summary>Another log, which takes its shares from <see cref="Main"/>.</summary>
    public void Add(ChunkLog log, int shares)
    {
        lock (_gate)
        {
            Set(0, Main, _logs[0].Shares - shares);
            _logs.Add((log, shares));
            Set(_logs.Count - 1, log, shares);
            Divide();
        }
    }

    /// <summary>All logs but <see cref="Main"/> are fed no more: what they hold is kept until that one needs the room.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            for (var i = 0; i < _logs.Count; i++)
            {
                _logs[i] = (_logs[i].Log, 0);
            }

            Set(0, Main, Shares);

            Divide();
        }
    }

    private void Set(int index, ChunkLog log, int shares)
    {
        _logs[index] = (log, shares);
        log.FullBytes = BudgetBytes * shares / Shares;
    }

    private void Divide()
    {
        var left = BudgetBytes - _reservedBytes;
        var room = Math.Max(0, left - (_logs.Count * ChunkLog.LeastBytes));
        foreach (var (log, shares) in _logs)
        {
            if (shares > 0)
            {
                log.Resize(ChunkLog.LeastBytes + (room * shares / Shares));
                left -= log.HeldBytes + LogBlock.Room; // One more may be begun before anybody looks again.
            }
        }

        var retired = _logs.Count(static l => l.Shares == 0);
        foreach (var (log, shares) in _logs)
        {
            if (shares == 0)
            {
                // The floors of those that come after it are theirs.
                log.Resize(Math.Min(log.BudgetBytes, left - (--retired * ChunkLog.LeastBytes)));
                left -= log.HeldBytes;
            }
        }
    }
}
