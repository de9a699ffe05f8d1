using Sluice.Server.Hosting;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>
/// Opens what a torrent is to play.
/// <code>
///   magnet link ──▶ peers tell what is in it ──▶ the file: as chosen, or the largest video ──▶ its room ──▶ <see cref="SessionTitles"/>
///   .torrent ─────────────────────────────────────┘
/// </code>
/// </summary>
internal sealed class TorrentOpener(SessionTorrents torrents, SessionTitles titles, TitleOwners owners, SluiceOptions options)
{
    /// <summary>Opens it. The session has the torrent from the beginning on, and lets it go.</summary>
    /// <exception cref="SessionException">It cannot be played.</exception>
    public async Task<OpenedSource> OpenAsync(Session session, SessionWish.Torrent wish, CancellationToken ct)
    {
        try
        {
            session.Torrent ??= await torrents.OpenAsync(wish.Link, ct);
            var file = await session.Torrent.OpenFileAsync(session.FileIndex, isShown: true, ct);
            var isMeant = session.FileIndex == wish.File; // Title and subtitles are those of the file that was named first.
            var title = await titles.OpenAsync(file, isMeant ? wish.Title : null, isMeant ? wish.Burn : null, owners.Of(session), ct);
            file.Serve();
            return title;
        }
        catch (TorrentException e)
        {
            throw SessionException.Of(e);
        }
    }

    /// <summary>Why it was not open in time.</summary>
    public string TooLong(Session session)
    {
        var time = $"within {options.Sessions.OpenSeconds} seconds (sessions.openSeconds)";
        return session.Torrent?.Torrent is not { } torrent ? $"The torrent engine did not start {time}."
            : torrent.Contents is null ? $"Nobody told {time} what is in the torrent. {torrent.Status.InWords}"
            : $"The beginning of the file did not come {time}. {torrent.Status.InWords}";
    }
}
