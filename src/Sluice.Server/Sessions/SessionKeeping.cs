using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>
/// Keeps what a session plays: an import brings all of it into the library, whatever becomes of the session.
/// <code>
///   URL      ──▶ an import of it, as any other
///   torrent  ──▶ an import whose bytes come from the swarm (<see cref="TorrentTransfer"/>); session and import share what came
/// </code>
/// </summary>
internal sealed class SessionKeeping(ImportDesk imports, SluiceOptions options)
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

    private Task<Import> KeepTorrentAsync(Session session, SessionWish.Torrent wish, CancellationToken ct)
    {
        if (session.Torrent is not { Chosen: { } file, Torrent: var torrent })
        {
            throw new SessionException(ErrorCode.RequestInvalid, "It is not known yet what is in the torrent.");
        }

        if (file.Length > options.Ingest.MaxUploadBytes)
        {
            throw new SessionException(
                ErrorCode.UploadTooLarge, $"It has {file.Length} bytes; this server takes {options.Ingest.MaxUploadBytes} (ingest.maxUploadBytes).");
        }

        // All that is known of it, so that another server goes on with it when this one is stopped.
        var link = wish.Link with { Name = torrent.Name };
        return imports.AddAsync(
            new ImportWish(ImportKind.Torrent, string.Create(CultureInfo.InvariantCulture, $"{file.Index} {MagnetLink.Of(link)}"), wish.Shown)
            {
                Title = session.Opened?.Title ?? wish.Title,
                FileName = UploadFields.FileName(file.Path),
                TotalBytes = file.Length,
            },
            ct);
    }
}
