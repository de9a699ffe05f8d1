using Sluice.Server.Catalog;
using Sluice.Server.Nodes;

namespace Sluice.Server.Sessions;

/// <summary>
/// How sessions end.
/// <code>
///   nobody heard of · failed for as long · its title removed · ended · server stopped
///      └──▶ forgotten: its links are dead ──▶ cleared in the background; who begins the same anew waits for that
///                                               └──▶ other nodes know: its lease is given back, and not before, unless the server stops
/// </code>
/// </summary>
internal sealed partial class SessionDesk
{
    /// <summary>So often the catalog is told that a session has ended before whoever ended it is told that it could not be.</summary>
    private const int Tries = 3;

    /// <summary>Between two tries; as often as its lease is renewed meanwhile.</summary>
    private static readonly TimeSpan Pause = Turns.Length / 3;

    private readonly CancellationTokenSource _closing = new();

    /// <summary>Begins none any more, and ends all.</summary>
    public async Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        await _closing.CancelAsync();
        foreach (var session in All)
        {
            session.Share?.IsHandedOver = true;
            _ = End(session, "the server is being stopped");
        }

        Task[] ending;
        lock (_gate)
        {
            ending = [.. _ending.Keys];
        }

        await Task.WhenAll(ending);
    }

    /// <summary>The timer's.</summary>
    private void Reap()
    {
        foreach (var session in All)
        {
            if (session.Opened is { IsWatched: true })
            {
                session.Viewers.Hear();
            }

            if (session.Viewers.Silence >= Idle)
            {
                EndIdle(session);
            }
            else if (session.Failed() >= Idle && !session.MayChoose)
            {
                _ = End(session, "it has failed, and whoever is there was told");
            }
            else
            {
                _ = _shared?.NoteAsync(session, session.Opened);
            }
        }
    }

    /// <summary>Whoever joins it is heard of under the same lock: nobody is given a session that ends in that moment.</summary>
    private void EndIdle(Session session)
    {
        lock (_gate)
        {
            if (session.Viewers.Silence >= Idle)
            {
                _ = End(session, "nobody was heard of");
            }
        }
    }

    /// <summary>Ends a session in the background; null when that was done before.</summary>
    /// <returns>Done when nothing is left of it; false when other nodes could not be told yet.</returns>
    private Task<bool>? End(Session session, string reason)
    {
        lock (_gate)
        {
            if (!_byId.ContainsKey(session.Id))
            {
                return null;
            }

            Forget(session, all: true);
            Log.Ended(_logger, session.LogName, reason);
            var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var end = Task.Run(() => EndedAsync(session, told), CancellationToken.None);
            _ending[end] = session;
            _ = end.ContinueWith(Done, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return told.Task;
        }
    }

    private async Task EndedAsync(Session session, TaskCompletionSource<bool> told)
    {
        var isTold = true;
        try
        {
            await (_shared?.EndingAsync(session) ?? Task.FromResult(true));
            await ClearAsync(session, session.DisposeAsync);
            if (_shared is not null)
            {
                isTold = await TellAsync(_shared, session, told);
                await SharedSessions.EndedAsync(session);
            }
        }
        finally
        {
            told.TrySetResult(isTold);
        }
    }

    /// <summary>Tells other nodes that a session has ended, once more: it may have been said while it ended that it began. Until they know nobody else is to have it.</summary>
    /// <returns>False when the server stops before.</returns>
    private async Task<bool> TellAsync(SharedSessions shared, Session session, TaskCompletionSource<bool> told)
    {
        for (var tries = 1; !await shared.EndingAsync(session); tries++)
        {
            if (_closing.IsCancellationRequested)
            {
                return false;
            }

            if (tries >= Tries)
            {
                told.TrySetResult(false);
            }

            await Task.Delay(Pause, _clock, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return true;
    }

    /// <summary>Removes a session, or what it played before.</summary>
    private async Task ClearAsync(Session session, Func<ValueTask> remove)
    {
        try
        {
            await remove();
        }
        catch (Exception e)
        {
            Log.Left(_logger, e, session.LogName);
        }
    }

    private void Done(Task end)
    {
        lock (_gate)
        {
            _ending.Remove(end);
        }
    }

    /// <summary>Its source may be asked for anew; with <paramref name="all"/>, there is no such session any more. Under the gate.</summary>
    private void Forget(Session session, bool all)
    {
        _joinable.Remove(session);
        if (all)
        {
            _byId.Remove(session.Id);
            _open.Remove(session.Id);
        }

        ForgetAsset(session, session.Opened);
        if (_byId.Count == 0 && !_isClosed)
        {
            _reaper.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>What it plays is not its own any more: that this is removed is not its end.</summary>
    private void ForgetAsset(Session session, OpenedSource? opened)
    {
        if (opened?.Asset is { } asset)
        {
            _byAsset.TryRemove(new KeyValuePair<AssetId, Session>(asset, session));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} began: {Source}")]
        public static partial void Began(ILogger logger, string session, string source);

        [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} came to nothing: {Reason}")]
        public static partial void Failed(ILogger logger, string session, string reason);

        [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} ended: {Reason}")]
        public static partial void Ended(ILogger logger, string session, string reason);

        [LoggerMessage(Level = LogLevel.Error, Message = "Session {Session} could not be opened")]
        public static partial void Broke(ILogger logger, Exception e, string session);

        [LoggerMessage(Level = LogLevel.Error, Message = "Something of session {Session} could not be removed; the next start removes it")]
        public static partial void Left(ILogger logger, Exception e, string session);
    }
}
