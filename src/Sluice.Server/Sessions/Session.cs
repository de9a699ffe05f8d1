using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>One source that is watched together, from the wish to the end.</summary>
internal sealed class Session(SessionWish wish, TimeProvider clock) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenSource? _turn;
    private object? _result; // What it plays, or why it does not; null while that is not known.
    private SessionTorrent? _torrent;
    private Task _work = Task.CompletedTask; // What was begun last, opening or replacing, behind all that was begun before. It does not throw.
    private long? _failedAt;

    /// <summary>Opens what a session is to play, when what it played before is gone; throws a <see cref="SessionException"/> and nothing else.</summary>
    public delegate Task<OpenedSource> OpenSource(Session session, OpenedSource? before, CancellationToken ct);

    /// <summary>Makes something else of what a session plays, which stays as it is; throws a <see cref="SessionException"/> and nothing else.</summary>
    /// <returns>What it made; what the session plays, when that is it.</returns>
    public delegate Task<OpenedSource> MakeSource(OpenedSource before, CancellationToken ct);

    /// <summary>Its name in the link, which cannot be guessed: whoever has it may join.</summary>
    public AssetId Id { get; init; } = AssetId.New();

    /// <summary>As the log names it: enough to tell it from others, and no invitation.</summary>
    public string LogName => $"{Id.Value.AsSpan(0, 4)}…";

    /// <summary>What it is to play.</summary>
    public SessionWish Wish => wish;

    /// <summary>When it was begun.</summary>
    public DateTimeOffset CreatedAt { get; init; } = clock.GetUtcNow();

    /// <summary>Who watches.</summary>
    public SessionViewers Viewers { get; } = new(clock);

    /// <summary>What it plays; null as long as it is being looked at, and when nothing came of it.</summary>
    public OpenedSource? Opened => Volatile.Read(ref _result) as OpenedSource;

    /// <summary>Why nothing came of it; null when something did, or may yet.</summary>
    public SessionException? Failure => Volatile.Read(ref _result) as SessionException;

    /// <summary>Its torrent; null when it has none, or not yet, or not any more.</summary>
    public SessionTorrent? Torrent
    {
        get => Volatile.Read(ref _torrent);
        set => Volatile.Write(ref _torrent, value);
    }

    /// <summary>Number of the torrent's file that is to be played; null is the one that is meant when nobody chooses.</summary>
    public int? FileIndex { get; set; } = (wish as SessionWish.Torrent)?.File;

    /// <summary>What other servers know of it; null where there are none.</summary>
    public SessionShare? Share { get; init; }

    /// <summary>It has failed, and something else of its torrent may play.</summary>
    public bool MayChoose => Torrent is { HasChoice: true, Torrent.Status.State: not TorrentState.Failed };

    /// <summary>The import by which it is kept in the library; null when nobody asked for that.</summary>
    public AssetId? Kept { get; set; }

    /// <summary>Where it is in its life.</summary>
    public SessionState State => Volatile.Read(ref _result) switch
    {
        null => SessionState.Opening,
        OpenedSource { Fault: null } => SessionState.Ready,
        _ => SessionState.Failed,
    };

    /// <summary>Why it does not play; null when it does.</summary>
    public string? Reason => Failure?.Message ?? Opened?.Fault;

    /// <summary>Shown to people.</summary>
    public string Title => Opened?.Title ?? wish.Title ?? Torrent?.Torrent.Contents?.Name ?? (wish as SessionWish.Torrent)?.Link.Name ?? wish.Shown;

    /// <summary>Done when it plays, or never will, or is to play something else instead. It does not throw.</summary>
    public Task Opening { get; private set; } = Task.CompletedTask;

    /// <summary>Done when nothing is left of sessions before it that played the same.</summary>
    public Task After { get; init; } = Task.CompletedTask;

    /// <summary>Somebody was told of it before it was known what becomes of it, and will ask.</summary>
    public bool IsPromised { get; set; }

    /// <summary>Whether it plays what is wished for.</summary>
    public bool Plays(SessionWish wanted) =>
        wish.IsSameAs(wanted) || (wanted is SessionWish.Torrent torrent && Torrent?.Torrent.Hash.IsThatOf(torrent.Link.Hash) == true);

    /// <summary>How long it has been failed, since that was first asked; zero when it is not.</summary>
    public TimeSpan Failed()
    {
        _failedAt = State == SessionState.Failed ? _failedAt ?? clock.GetTimestamp() : null;
        return _failedAt is { } since ? clock.GetElapsedTime(since) : TimeSpan.Zero;
    }

    /// <summary>Begins to open it, the first time or anew: what was being opened before is given up.</summary>
    /// <param name="open">Opens it.</param>
    /// <param name="settled">Is told when it plays, or never will.</param>
    public void Begin(OpenSource open, Action<Session> settled)
    {
        var turn = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        CancellationTokenSource? last;
        OpenedSource? before;
        lock (_gate)
        {
            (last, before) = (_turn, _result as OpenedSource);
            (_turn, _result) = (turn, null);
        }

        var lastWork = _work;
        Opening = _work = Task.Run(() => OpenAsync(last, lastWork, before, open, settled, turn), CancellationToken.None);
    }

    /// <summary>Begins to make something else of what it plays, to play that in its place. What it plays is played on meanwhile, for a while longer by those
    /// who have not heard yet, and for good when nothing comes of it. Something that is begun later puts an end to it.</summary>
    /// <param name="make">Makes it.</param>
    /// <param name="replaced">Is told of what was played, when something else is.</param>
    /// <param name="clear">Removes what was made and is not played, or not any more.</param>
    /// <param name="overlap">How long both are there.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Done when it plays, or why it does not.</returns>
    public Task<SessionException?> Replace(
        MakeSource make, Action<Session, OpenedSource> replaced, Func<Session, OpenedSource, Task> clear, TimeSpan overlap, CancellationToken ct)
    {
        var turn = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        CancellationTokenSource? last;
        lock (_gate)
        {
            (last, _turn) = (_turn, turn);
        }

        var (done, lastWork) = (new TaskCompletionSource<SessionException?>(TaskCreationOptions.RunContinuationsAsynchronously), _work);
        _work = Task.Run(
            async () =>
            {
                await EndAsync(last, lastWork);
                var (before, failure) = await ReplaceAsync(turn, make, clear, ct);
                if (before is null)
                {
                    done.SetResult(failure);
                    return;
                }

                replaced(this, before);
                done.SetResult(null);
                await Task.Delay(overlap, clock, turn.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await clear(this, before);
            },
            CancellationToken.None);
        return done.Task;
    }

    /// <summary>Ends it: what it made is gone when this returns.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        try
        {
            await (Opened?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        finally
        {
            await LetTorrentGoAsync();
            _turn?.Dispose();
            _stop.Dispose();
        }
    }

    private async Task OpenAsync(
        CancellationTokenSource? last, Task lastWork, OpenedSource? before, OpenSource open, Action<Session> settled, CancellationTokenSource turn)
    {
        await EndAsync(last, lastWork);
        object result;
        try
        {
            result = await open(this, before, turn.Token);
        }
        catch (SessionException e)
        {
            result = e;
            if (!MayChoose)
            {
                await LetTorrentGoAsync();
            }
        }

        bool isCurrent;
        lock (_gate)
        {
            isCurrent = ReferenceEquals(_turn, turn);
            _result = isCurrent ? result : _result;
        }

        if (isCurrent)
        {
            settled(this);
        }
        else if (result is OpenedSource late)
        {
            await late.DisposeAsync();
        }
    }

    /// <summary>Makes something else, and plays it.</summary>
    /// <returns>What was played before; null, with the reason, when it still is, or with none when that is what was to be made.</returns>
    private async Task<(OpenedSource? Before, SessionException? Failure)> ReplaceAsync(
        CancellationTokenSource turn, MakeSource make, Func<Session, OpenedSource, Task> clear, CancellationToken ct)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(turn.Token, ct);
        OpenedSource made;
        if (Opened is not { } before)
        {
            return (null, new SessionException(ErrorCode.SessionOpening, ErrorCode.SessionOpening.Title));
        }

        try
        {
            made = await make(before, both.Token);
        }
        catch (SessionException e)
        {
            return (null, e);
        }

        if (ReferenceEquals(made, before))
        {
            return (null, null);
        }

        bool isCurrent;
        lock (_gate)
        {
            isCurrent = ReferenceEquals(_turn, turn) && ReferenceEquals(_result, before);
            _result = isCurrent ? made : _result;
        }

        if (isCurrent)
        {
            return (before, null);
        }

        await clear(this, made);
        return (null, new SessionException(ErrorCode.SessionOpening, ErrorCode.SessionOpening.Title));
    }

    private static async Task EndAsync(CancellationTokenSource? last, Task lastWork)
    {
        if (last is not null)
        {
            await last.CancelAsync();
            await lastWork;
            last.Dispose();
        }
    }

    private async Task LetTorrentGoAsync()
    {
        if (Interlocked.Exchange(ref _torrent, null) is { } torrent)
        {
            await torrent.DisposeAsync();
        }
    }
}
