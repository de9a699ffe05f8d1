using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>
/// All sessions: one per source, and no more than the configuration says.
/// <code>
///   join ──▶ there already? ── yes ──▶ that one
///                │ no ──▶ room for one more? ──▶ it is opened, whoever hangs up meanwhile
///   heartbeat, or any request for its media ──▶ heard of
///   every few seconds: who was not heard of for too long ──▶ ended, and nothing is left of it
/// </code>
/// </summary>
internal sealed partial class SessionDesk : IAsyncDisposable
{
    /// <summary>How long who begins a session waits for what becomes of it; then it is told that it is being opened.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly List<Session> _joinable = [];
    private readonly Dictionary<AssetId, Session> _byId = [];
    private readonly ConcurrentDictionary<AssetId, Session> _byAsset = new();
    private readonly Dictionary<Task, Session> _ending = [];
    private readonly SessionOpener _opener;
    private readonly OpenSessions _open;
    private readonly SluiceOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<SessionDesk> _logger;
    private readonly SharedSessions? _shared;
    private readonly ITimer _reaper;
    private bool _isClosed;

    public SessionDesk(
        SessionOpener opener, OpenSessions open, PlaybackActivity activity, AssetDirectory assets, SluiceOptions options, TimeProvider clock,
        ILogger<SessionDesk> logger, SharedSessions? shared = null)
    {
        (_opener, _open, _options, _clock, _logger, _shared) = (opener, open, options, clock, logger, shared);
        _reaper = clock.CreateTimer(static desk => ((SessionDesk)desk!).Reap(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        activity.Played += (_, within) =>
        {
            if (within is { } id && TryGet(id, out var session))
            {
                session.Viewers.Hear();
            }
        };
        assets.Changed += (id, asset) =>
        {
            if (asset is null && _byAsset.TryGetValue(id, out var session))
            {
                _ = End(session, "its title was removed");
            }
        };
    }

    /// <summary>It is known what a session plays, the first time or anew. Handlers are quick and do not throw.</summary>
    public event Action<Session>? Turned;

    /// <summary>Silence after which a session ends.</summary>
    public TimeSpan Idle => TimeSpan.FromSeconds(_options.Sessions.IdleSeconds);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<Session> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _byId.Values.OrderByDescending(s => s.CreatedAt)];
            }
        }
    }

    /// <summary>Joins the session that plays this, or begins it. Waits a while for what becomes of it.</summary>
    /// <returns>The session, which may still be opening; and whether it is new.</returns>
    /// <param name="wish">What.</param>
    /// <param name="ct">Waits no more.</param>
    /// <param name="isBySource">Where there are several servers, one of them has the session of a source. Else this one has it, and nobody joins it elsewhere.</param>
    /// <exception cref="SessionException">It cannot be played, or there is no room.</exception>
    public async Task<(Session Session, bool IsNew)> JoinAsync(SessionWish wish, CancellationToken ct, bool isBySource = false)
    {
        var (session, isNew) = Enter(wish, isBySource);
        await SettleAsync(session, ct);
        if (session.Failure is { IsOpenElsewhere: true })
        {
            // Now it is known which session plays that.
            (session, isNew) = Enter(wish, isBySource);
            await SettleAsync(session, ct);
        }

        return session is { Failure: { } failure, MayChoose: false } ? throw failure.Again() : (session, isNew);
    }

    /// <summary>Finds one.</summary>
    public bool TryGet(AssetId id, [NotNullWhen(true)] out Session? session)
    {
        lock (_gate)
        {
            return _byId.TryGetValue(id, out session);
        }
    }

    /// <summary>Ends one; false when there is none. Nothing is left of it when this returns.</summary>
    /// <exception cref="SessionException">It has ended, and other nodes could not be told yet.</exception>
    public async Task<bool> EndAsync(AssetId id)
    {
        if (!TryGet(id, out var session) || End(session, "it was ended") is not { } end)
        {
            return false;
        }

        return await end ? true
            : throw new SessionException(
                ErrorCode.CatalogUnreachable, "It has ended here. The catalog cannot be told, which is tried until it can.", TimeSpan.FromSeconds(2));
    }

    /// <summary>Ends all; those that other servers know of go on there.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _reaper.DisposeAsync();
        _closing.Dispose();
    }

    /// <summary>Waits a while for what becomes of a session.</summary>
    private async Task SettleAsync(Session session, CancellationToken ct)
    {
        session.Viewers.Hear();
        try
        {
            await session.Opening.WaitAsync(Patience, _clock, ct);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                session.IsPromised = true;
            }
        }
    }

    private (Session Session, bool IsNew) Enter(SessionWish wish, bool isBySource)
    {
        lock (_gate)
        {
            var known = _joinable.Find(session => session.Plays(wish));
            if (known is not null && (known.State != SessionState.Failed || known.MayChoose))
            {
                known.Viewers.Hear();
                return (known, false);
            }

            if (known is not null)
            {
                _ = End(known, "its source is of no use any more, and somebody begins it anew");
            }

            if (_isClosed)
            {
                throw new SessionException(ErrorCode.SourceUnusable, "The server is being stopped.");
            }

            if (_joinable.Count >= _options.Sessions.Most)
            {
                throw Full();
            }

            var session = new Session(wish, _clock)
            {
                After = Task.WhenAll(_ending.Where(end => end.Value.Plays(wish)).Select(end => end.Key)),
                Share = _shared is null ? null : new SessionShare { IsJoinedBySource = isBySource },
            };
            Begin(session);
            Log.Began(_logger, session.LogName, wish.Shown);
            return (session, true);
        }
    }

    /// <summary>Under the gate.</summary>
    private void Begin(Session session)
    {
        _joinable.Add(session);
        _byId[session.Id] = session;
        _open.Add(session.Id);
        session.Begin(OpenAsync, Settled);
        if (_byId.Count == 1)
        {
            _reaper.Change(Idle / 3, Idle / 3);
        }
    }

    private SessionException Full()
    {
        var next = _joinable.Select(s => Idle - s.Viewers.Silence).Min();
        return new SessionException(
            ErrorCode.SessionsFull,
            $"{_joinable.Count} of {_options.Sessions.Most} sessions are running (sessions.most).",
            next < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : next);
    }

    private async Task<OpenedSource> OpenAsync(Session session, OpenedSource? before, CancellationToken ct)
    {
        await session.After;
        if (before is not null)
        {
            await ClearAsync(session, before.DisposeAsync);
        }

        await ShareAsync(session, ct);
        var opened = await GuardAsync(session, () => _opener.OpenAsync(session, ct), "The session was ended while it began.", ct);
        await (_shared?.NoteAsync(session, opened) ?? Task.CompletedTask);
        return opened;
    }

    /// <summary>Opens something; whatever goes wrong becomes a sentence for a person.</summary>
    private async Task<OpenedSource> GuardAsync(Session session, Func<Task<OpenedSource>> open, string ended, CancellationToken ct)
    {
        try
        {
            return await open();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw new SessionException(ErrorCode.SessionUnknown, ended);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw new SessionException(ErrorCode.DiskFull, "There is no room for its tables on this server's disk.");
        }
        catch (Exception e) when (e is not SessionException)
        {
            Log.Broke(_logger, e, session.LogName);
            throw new SessionException(ErrorCode.Internal, ErrorCode.Internal.Title);
        }
    }

    /// <summary>A session plays, or never will.</summary>
    private void Settled(Session session)
    {
        session.Share?.IsReturning = false;
        lock (_gate)
        {
            if (session.Failure is { } failure)
            {
                Log.Failed(_logger, session.LogName, failure.Message);
                if (!session.MayChoose && session.IsPromised)
                {
                    Forget(session, all: false);
                }
                else if (!session.MayChoose)
                {
                    _ = End(session, "it has failed, and nobody was promised it"); // With all that it may still hold.
                }
            }
            else if (session.Opened?.Asset is { } asset && _byId.ContainsKey(session.Id))
            {
                _byAsset[asset] = session;
            }
        }

        Turned?.Invoke(session);
    }
}
