using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Sessions;

/// <summary>
/// What a session plays instead, for all who watch.
/// <code>
///   another file of its torrent ──▶ what it played goes, the file is opened                              (<see cref="ChooseAsync"/>)
///   other subtitles in the picture ──▶ a second title of the same file ──▶ it plays in place of the first   (<see cref="BurnAsync"/>)
///                                          └── it cannot be: told to who asked, and the first plays on
/// </code>
/// </summary>
internal sealed partial class SessionDesk
{
    /// <summary>When to ask again what cannot be asked of a session that is being opened.</summary>
    private static readonly TimeSpan BeforeAgain = TimeSpan.FromSeconds(2);

    /// <summary>How long what was played is there for those who have not heard yet that something else is; pages look every few seconds.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(20);

    /// <summary>Has a session play another file of its torrent, for all who watch. Waits a while for what becomes of it.</summary>
    /// <returns>The session, which may still be opening, or have failed with this file.</returns>
    /// <exception cref="SessionException">There is no such session, or no such file.</exception>
    public async Task<Session> ChooseAsync(AssetId id, int index, CancellationToken ct)
    {
        Session? session;
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out session))
            {
                throw new SessionException(ErrorCode.SessionUnknown, ErrorCode.SessionUnknown.Title);
            }

            if (session.Torrent?.Torrent.Contents is not { } contents)
            {
                throw new SessionException(ErrorCode.RequestInvalid, "The session plays no torrent, or it is not known yet what is in it.");
            }

            var file = SessionTorrent.FileOf(contents, index);
            if (session.Torrent.Chosen != file || session.State == SessionState.Failed)
            {
                session.FileIndex = file.Index;
                session.IsPromised = true;
                ForgetAsset(session, session.Opened);
                session.Begin(OpenAsync, Settled);
            }
        }

        await SettleAsync(session, ct);
        return session;
    }

    /// <summary>Has other subtitles drawn into the picture of what a session plays, or none. Waits for what becomes of it.</summary>
    /// <param name="id">The session.</param>
    /// <param name="wanted">The track, or a language; null for none.</param>
    /// <param name="ct">Gives up, and leaves everything as it was.</param>
    /// <exception cref="SessionException">There is no such session, or they cannot be drawn.</exception>
    public async Task<Session> BurnAsync(AssetId id, string? wanted, CancellationToken ct)
    {
        Session? session;
        Task<SessionException?> replacing;
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out session))
            {
                throw new SessionException(ErrorCode.SessionUnknown, ErrorCode.SessionUnknown.Title);
            }

            if (session.State == SessionState.Opening)
            {
                throw new SessionException(ErrorCode.SessionOpening, ErrorCode.SessionOpening.Title, BeforeAgain);
            }

            if (session.Reason is { } reason)
            {
                throw new SessionException(ErrorCode.SourceUnusable, reason);
            }

            if (session.Opened is not SessionTitle)
            {
                throw new SessionException(ErrorCode.SubtitlesNotDrawable, "Nothing is drawn into what this session plays: it is no file on another server or in a torrent.");
            }

            session.Viewers.Hear();
            var known = session;
            replacing = session.Replace((before, stop) => DrawAsync(known, (SessionTitle)before, wanted, stop), Replaced, ClearedAsync, Overlap, ct);
        }

        var failure = await replacing;
        session.Viewers.Hear(); // Who asked has waited for the answer.
        return failure is null ? session : throw failure;
    }

    private Task<OpenedSource> DrawAsync(Session session, SessionTitle before, string? wanted, CancellationToken ct) =>
        wanted == before.BurnedTrack?.ToString(CultureInfo.InvariantCulture)
            ? Task.FromResult<OpenedSource>(before)
            : GuardAsync(session, () => _opener.AgainAsync(session, before, wanted, ct), "The session was ended, or something else was asked for, meanwhile.", ct);

    /// <summary>A session plays something else made of the same.</summary>
    private void Replaced(Session session, OpenedSource before)
    {
        lock (_gate)
        {
            ForgetAsset(session, before);
            if (session.Opened?.Asset is { } asset && _byId.ContainsKey(session.Id))
            {
                _byAsset[asset] = session;
            }
        }

        _ = _shared?.NoteAsync(session, session.Opened);
        Turned?.Invoke(session);
    }

    private Task ClearedAsync(Session session, OpenedSource what) => ClearAsync(session, what.ClearAsync);
}
