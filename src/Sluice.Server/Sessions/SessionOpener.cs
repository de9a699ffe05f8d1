using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Outbound;
using Sluice.Server.Outbound.Remote;
using Sluice.Server.Resolve;
using Sluice.Server.Store;
using Sluice.Server.Transcode;

namespace Sluice.Server.Sessions;

/// <summary>
/// Finds out what a source is, and opens it with the least work.
/// <code>
///   title of the library ──▶ as it is
///   torrent ──▶ read while it comes (<see cref="TorrentOpener"/>)
///   URL ──▶ its first bytes ──▶ HLS playlist ──▶ a channel
///                           ──▶ web page ──▶ the file behind it, if yt-dlp or streamlink finds one
///                           ──▶ given in parts ──▶ read by range, and encoded if it must be (<see cref="SessionTitles"/>)
///                           ──▶ not, or a DASH presentation ──▶ a channel too, of what comes (<see cref="BodyUpstream"/>)
/// </code>
/// </summary>
internal sealed class SessionOpener(
    OutboundFetcher fetcher,
    PageResolver pages,
    SessionScratch scratch,
    SessionTitles titles,
    SessionChannels channels,
    TorrentOpener torrents,
    TitleOwners owners,
    TitlePreparation preparation,
    AssetDirectory assets,
    SluiceOptions options,
    TimeProvider clock)
{
    /// <summary>Opens what a session is to play.</summary>
    /// <exception cref="SessionException">It cannot be played, or took too long to open.</exception>
    public Task<OpenedSource> OpenAsync(Session session, CancellationToken ct) => WithinAsync(
        session,
        async within => session.Wish switch
        {
            SessionWish.Media media => await OpenMediaAsync(media, within),
            SessionWish.Remote remote => await OpenRemoteAsync(session, remote, within),
            SessionWish.Torrent torrent => await torrents.OpenAsync(session, torrent, within),
            var other => throw new ArgumentOutOfRangeException(nameof(session), other, "There is no such wish."),
        },
        ct);

    /// <summary>Makes another title of what a session plays: see <see cref="SessionTitles.AgainAsync"/>.</summary>
    /// <exception cref="SessionException">It cannot be, or took too long.</exception>
    public Task<OpenedSource> AgainAsync(Session session, SessionTitle before, string? burn, CancellationToken ct) =>
        WithinAsync(session, async within => await titles.AgainAsync(before, burn, within), ct);

    private async Task<OpenedSource> WithinAsync(Session session, Func<CancellationToken, Task<OpenedSource>> open, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Sessions.OpenSeconds), clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await open(both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new SessionException(
                ErrorCode.SourceUnusable,
                session.Wish is SessionWish.Torrent ? torrents.TooLong(session) : $"It was not open within {options.Sessions.OpenSeconds} seconds (sessions.openSeconds).");
        }
        catch (Exception e) when (e is RemoteFileException or SourceUnavailableException)
        {
            var isRefused = (e as RemoteFileException ?? e.InnerException as RemoteFileException) is { IsRefused: true };
            throw new SessionException(isRefused ? ErrorCode.AddressRefused : ErrorCode.SourceUnusable, e.Message);
        }
    }

    private async Task<OpenedSource> OpenMediaAsync(SessionWish.Media media, CancellationToken ct) =>
        await assets.FindAsync(media.Id, ct) is not { Owner: null } asset
            ? throw new SessionException(ErrorCode.MediaUnknown, ErrorCode.MediaUnknown.Title)
            : asset.State is AssetState.Ready or AssetState.Processing or AssetState.Arriving
                ? new LibrarySource(asset, assets)
                : throw new SessionException(ErrorCode.MediaNotReady, asset.Reason ?? ErrorCode.MediaNotReady.Title);

    private async Task<OpenedSource> OpenRemoteAsync(Session session, SessionWish.Remote remote, CancellationToken ct)
    {
        var (url, beginning) = await FindAsync(remote.Url, ct);
        if (remote.Burn is not null && (beginning.Facts is null || RemoteKind.IsPlaylist(beginning.Head) || RemoteKind.IsMpd(beginning.Head)))
        {
            throw new SessionException(ErrorCode.SubtitlesNotDrawable, "It is no file that is given in parts: nothing is drawn into what plays as a channel.");
        }

        if (RemoteKind.IsPlaylist(beginning.Head))
        {
            return channels.Add(url, remote.Title ?? NameOf(url), session.Share?.TakeFirst()?.Id);
        }

        if (RemoteKind.IsMpd(beginning.Head))
        {
            return await preparation.MissingAsync(ct) is not { } missing
                ? channels.Add(url, remote.Title ?? NameOf(url), session.Share?.TakeFirst()?.Id, isBody: true)
                : throw new SessionException(ErrorCode.SourceUnsupported, $"It is a DASH presentation (MPD), which goes through ffmpeg, and {missing}.");
        }

        return beginning.Facts is { } facts
            ? await titles.OpenAsync(RemoteSessionFile.Open(fetcher, scratch, clock, url, facts, beginning.Head), remote.Title, remote.Burn, owners.Of(session), ct)
            : RemoteKind.IsMedia(beginning) && await preparation.MissingAsync(ct) is null
                ? channels.Add(url, remote.Title ?? NameOf(url), session.Share?.TakeFirst()?.Id, isBody: true)
                : throw new SessionException(ErrorCode.SourceUnsupported, RemoteBeginning.NoParts);
    }

    /// <summary>The beginning of the file that a URL is of, or of the file behind the page.</summary>
    private async Task<(OutboundUrl Url, RemoteBeginning Beginning)> FindAsync(OutboundUrl url, CancellationToken ct)
    {
        var beginning = await RemoteBeginning.AskAsync(fetcher, url, BlockFetch.Limits, ct);
        if (!RemoteKind.IsPage(beginning))
        {
            return (url, beginning);
        }

        if (await pages.ResolveAsync(beginning.Url, ct) is not { } file)
        {
            throw new SessionException(
                ErrorCode.SourceUnsupported,
                pages.IsOn ? "It is a web page, and neither yt-dlp nor streamlink finds a file behind it." : "It is a web page, not a video file.");
        }

        beginning = await RemoteBeginning.AskAsync(fetcher, file, BlockFetch.Limits, ct);
        return RemoteKind.IsPage(beginning)
            ? throw new SessionException(ErrorCode.SourceUnsupported, "Behind the web page is another web page, not a video file.")
            : (file, beginning);
    }

    private static string NameOf(OutboundUrl url) =>
        UploadFields.TitleOf(UploadFields.FileName(url.FileName)) is { Length: > 0 } name ? name : url.Address.IdnHost;
}
