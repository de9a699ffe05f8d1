using Sluice.Server.Catalog;

namespace Sluice.Server.Sessions;

/// <summary>
/// Where there are several servers.
/// <code>
///   begun here ──▶ said to be this server's ──▶ opened
///   another server's, which is gone ──▶ <see cref="SessionReturns"/> ──▶ opened again, with room for it or without
///   another server has it now ──▶ ended here, and nothing of it removed but what is here
/// </code>
/// </summary>
internal sealed partial class SessionDesk
{
    /// <summary>The time of sessions.</summary>
    public TimeProvider Clock => _clock;

    /// <summary>None begins any more.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>Whether it has ended here, and something of it is left.</summary>
    public bool IsEnding(AssetId id)
    {
        lock (_gate)
        {
            return _ending.Values.Any(session => session.Id == id);
        }
    }

    /// <summary>Goes on with a session that another server had; false when none begins any more.</summary>
    public bool Return(Session session)
    {
        var lost = session.Share!.Hold!.Lost;
        lock (_gate)
        {
            if (_isClosed || _byId.ContainsKey(session.Id))
            {
                return false;
            }

            session.IsPromised = true;
            session.Viewers.Hear();
            Begin(session);
        }

        lost.Register(() => Lose(session));
        return true;
    }

    /// <summary>Says that a session is this server's, once.</summary>
    private async Task ShareAsync(Session session, CancellationToken ct)
    {
        if (_shared is not null && session.Share is { Hold: null })
        {
            await GuardAsync(
                session,
                async () =>
                {
                    await _shared.KeepAsync(session, ct);
                    return null!;
                },
                "The session was ended while it began.", ct);
            session.Share!.Hold!.Lost.Register(() => Lose(session));
        }
    }

    private void Lose(Session session)
    {
        session.Share!.IsLost = true;
        _ = End(session, "another node has it now");
    }
}
