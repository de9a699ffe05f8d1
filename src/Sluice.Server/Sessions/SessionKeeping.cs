using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Imports;

namespace Sluice.Server.Sessions;

/// <summary>
/// Keeps what a session plays: an import brings all of it into the library, whatever becomes of the session.
/// <code>
///   URL      ──▶ an import of it, as any other
///   torrent  ──▶ an import whose bytes come from the swarm (<see cref="TorrentTransfer"/>); session and import share what came
/// </code>
/// </summary>
internal sealed class SessionKeeping(ImportDesk imports, TorrentImports torrents)
{
    /// <summary>Begins to keep it. Asked again, the answer is the import that runs.</summary>
    /// <exception cref="SessionException">There is nothing to be kept.</exception>
    /// <exception cref="IntakeRefusedException">Too many imports are waiting.</exception>
    public async Task<Import> KeepAsync(Session session, CancellationToken ct)
    {
        var import = (session.Wish, session.Opened) switch
        {
            (SessionWish.Media, _) => throw new SessionException(ErrorCode.RequestInvalid, "It is a title of the library already."),
            (_, { Channel: not null }) => throw new SessionException(ErrorCode.RequestInvalid, "It is a playlist and has no file; its channel can be recorded."),
            (SessionWish.Remote remote, _) => await imports.AddAsync(remote.Url, remote.Title, null, ct),
            (SessionWish.Torrent torrent, _) => await KeepTorrentAsync(session, torrent, ct),
            _ => throw new ArgumentOutOfRangeException(nameof(session)),
        };
        session.Kept = import.Id;
        return import;
    }

    private Task<Import> KeepTorrentAsync(Session session, SessionWish.Torrent wish, CancellationToken ct) =>
        session.Torrent is { Chosen: { } file, Torrent: var torrent }
            ? torrents.AddAsync(wish, torrent, file, session.Opened?.Title ?? wish.Title, ct)
            : throw new SessionException(ErrorCode.RequestInvalid, "It is not known yet what is in the torrent.");
}
