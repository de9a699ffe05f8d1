using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>
/// Where files of torrents are asked for that are to come into the library: by a magnet link, or because a session plays them. They are imports like any other,
/// but for where their bytes come from (<see cref="TorrentTransfer"/>).
/// </summary>
internal sealed class TorrentImports(ImportDesk imports, IImportCatalog catalog, TorrentEngine engine, SluiceOptions options)
{
    /// <summary>Asks for what a magnet link names. It is not known yet what that is: what is wrong with it becomes the reason why the import fails.</summary>
    /// <exception cref="SessionException">This server has no engine for torrents.</exception>
    /// <exception cref="IntakeRefusedException">Too many imports are waiting.</exception>
    public async Task<Import> AddAsync(SessionWish.Torrent wish, int? minutes, CancellationToken ct)
    {
        try
        {
            await engine.RequireAsync(ct);
        }
        catch (TorrentException e)
        {
            throw SessionException.Of(e);
        }

        return await AddAsync(new TorrentImportSource(wish.Link, wish.File), source => WishOf(source, wish) with { ExpiryMinutes = minutes }, ct);
    }

    /// <summary>Asks for a file of a torrent that a session has open.</summary>
    /// <param name="wish">The session's.</param>
    /// <param name="torrent">Its torrent.</param>
    /// <param name="file">The file.</param>
    /// <param name="title">What people are to call it; null makes a name of the file's.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SessionException">It is larger than this server takes.</exception>
    /// <exception cref="IntakeRefusedException">Too many imports are waiting.</exception>
    public Task<Import> AddAsync(SessionWish.Torrent wish, Torrent torrent, TorrentFile file, string? title, CancellationToken ct)
    {
        if (ImportLimits.TooLarge(file.Length, options) is { } problem)
        {
            throw new SessionException(ErrorCode.UploadTooLarge, problem);
        }

        // All that is known of it, so that another server goes on with it when this one is stopped.
        return AddAsync(
            new TorrentImportSource(wish.Link with { Name = torrent.Name }, file.Index),
            source => WishOf(source, wish) with { Title = title, FileName = UploadFields.FileName(file.Path), TotalBytes = file.Length },
            ct);
    }

    private static ImportWish WishOf(TorrentImportSource source, SessionWish.Torrent wish) =>
        new(ImportKind.Torrent, source.ToString(), wish.Shown) { Title = wish.Title };

    /// <summary>The same file is brought once at a time, whichever trackers a link names, and whichever of the torrent's hashes.</summary>
    private async Task<Import> AddAsync(TorrentImportSource source, Func<TorrentImportSource, ImportWish> wishOf, CancellationToken ct)
    {
        foreach (var open in await catalog.OpenImportsAsync(ImportKind.Torrent, ct))
        {
            if (TorrentImportSource.TryParse(open.Source, out var known) && known.IsSameAs(source))
            {
                return open;
            }
        }

        return await imports.AddAsync(wishOf(source), ct);
    }
}
