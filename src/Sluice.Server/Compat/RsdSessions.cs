using System.Diagnostics.CodeAnalysis;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Sessions;

namespace Sluice.Server.Compat;

/// <summary>
/// Which session each browser watches, by the name that the browser gave itself.
/// <code>
/// OpenAsync(name, wish) ──▶ left what it watched before ──▶ SessionDesk: the session of that source, be it begun or joined
/// LeaveAsync(name) ──▶ the last one of a session that was begun here turns off the light
/// </code>
/// Names are forgotten with their session.
/// </summary>
internal sealed class RsdSessions(SessionDesk desk)
{
    /// <summary>Browsers at the same time; each name is some hundred bytes.</summary>
    private const int Most = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, AssetId> _watched = new(StringComparer.Ordinal);
    private readonly HashSet<AssetId> _begun = [];

    /// <summary>Has a browser watch a source, and nothing else any more.</summary>
    /// <param name="name">The browser.</param>
    /// <param name="wish">The source.</param>
    /// <param name="isBySource">As for <see cref="SessionDesk.JoinAsync"/>.</param>
    /// <param name="ct">Waits no more.</param>
    /// <exception cref="SessionException">It cannot be played, or there is no room.</exception>
    public async Task OpenAsync(string name, SessionWish wish, bool isBySource, CancellationToken ct)
    {
        if (TryGet(name, out var before) && !before.Plays(wish))
        {
            await LeaveAsync(name); // First, so that what it needed is there for what it needs now.
        }

        while (true)
        {
            var (session, isNew) = await desk.JoinAsync(wish, ct, isBySource);
            lock (_gate)
            {
                // The last to leave may have ended it just now.
                if (!desk.TryGet(session.Id, out _))
                {
                    continue;
                }

                ForgetEnded();
                if (_watched.Count >= Most && !_watched.ContainsKey(name))
                {
                    throw new SessionException(ErrorCode.SessionsFull, $"{Most} browsers are watching.", desk.Idle);
                }

                _watched[name] = session.Id;
                session.Viewers.Hear(name);
                if (isNew)
                {
                    _begun.Add(session.Id);
                }
                return;
            }
        }
    }

    /// <summary>What a browser watches.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Session? session)
    {
        session = null;
        lock (_gate)
        {
            return _watched.TryGetValue(name, out var id) && desk.TryGet(id, out session);
        }
    }

    /// <summary>A browser watches nothing any more; nothing happens when it did not.</summary>
    public async Task LeaveAsync(string name)
    {
        Task<bool> end;
        lock (_gate)
        {
            if (!_watched.Remove(name, out var id) || !desk.TryGet(id, out var session))
            {
                return;
            }

            session.Viewers.Forget(name);
            if (!_begun.Contains(id) || _watched.ContainsValue(id) || session.Viewers.Count(desk.Idle) > 0 || session.Opened is { IsWatched: true })
            {
                return; // Others watch it, be it that they were not heard of lately, or began it by another door: it ends when nobody is.
            }

            _begun.Remove(id);
            end = desk.EndAsync(id); // No session any more from here on, under the lock: nobody joins it in between.
        }

        try
        {
            await end;
        }
        catch (SessionException)
        {
            // It has ended here; that the others know is the desk's to see to.
        }
    }

    private void ForgetEnded()
    {
        foreach (var (name, id) in _watched)
        {
            if (!desk.TryGet(id, out _))
            {
                _watched.Remove(name);
            }
        }

        _begun.RemoveWhere(id => !desk.TryGet(id, out _));
    }
}
