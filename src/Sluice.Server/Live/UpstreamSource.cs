using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>
/// What one URL leads to: a media playlist, or a multivariant playlist of which a variant is taken, with the same at other places behind it.
/// <code>
///   URL ──▶ multivariant ──policy──▶ variant, its backups; audio apart
///    ▲            │
///    └── anew when what it named is denied: the same variant, with new tokens
/// </code>
/// </summary>
internal sealed class UpstreamSource(OutboundFetcher outbound, UpstreamManner manner, OutboundUrl url) : IDisposable
{
    private readonly UpstreamPlaylist _top = new(outbound, manner, url, new HlsSurroundings());
    private readonly SemaphoreSlim _renewing = new(1);
    private VariantChoice? _choice;
    private PlaylistLoad? _load;
    private int _place;

    /// <summary>The media playlist.</summary>
    public UpstreamPlaylist Main { get; private set; } = null!;

    /// <summary>The playlist of the audio; null when that is in the media.</summary>
    public UpstreamPlaylist? Audio { get; private set; }

    /// <summary>What was taken; null when the URL is a media playlist.</summary>
    public HlsVariant? Variant => _choice?.Variant;

    /// <summary>Opens it.</summary>
    /// <returns>Why that is not possible; null when it is.</returns>
    public async Task<string?> OpenAsync(CancellationToken ct)
    {
        var load = await _top.LoadAsync(ct);
        if (load.Playlist is not HlsMultivariantPlaylist multivariant)
        {
            if (load.Playlist is null)
            {
                return load.Problem;
            }

            // The first load is as good as any.
            _top.Give(load);
            Main = _top;
            return null;
        }

        if (multivariant.SessionKeyProblem is { } locked)
        {
            return locked;
        }

        (_choice, _load) = (VariantChoice.Of(multivariant, manner.Policy), load);
        return _choice is not null && Use(_choice.Variant) ? null : "the playlist has no variant that can be played";
    }

    /// <summary>Goes on to the next place that has the same.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryNext()
    {
        while (_choice is not null && _place < _choice.Backups.Count)
        {
            if (Use(_choice.Backups[_place++]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks for the same variant in a playlist that is loaded anew; a URL that is a media playlist is asked from its first address on.</summary>
    /// <param name="denied">The playlist that is of no use any more. Many may find that at the same time: the first renews it for all.</param>
    /// <param name="ct">Ends it.</param>
    public async Task RenewAsync(UpstreamPlaylist denied, CancellationToken ct)
    {
        await _renewing.WaitAsync(ct);
        try
        {
            _top.GoBack();
            if (_choice is null || (denied != Main && denied != Audio))
            {
                return;
            }

            var load = await _top.LoadAsync(ct);
            if (load.Playlist is HlsMultivariantPlaylist multivariant && _choice.Again(multivariant, manner.Policy) is { } again)
            {
                (_choice, _load) = (again, load);
                Use(_place == 0 || _place > again.Backups.Count ? again.Variant : again.Backups[_place - 1]);
            }
        }
        finally
        {
            _renewing.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _renewing.Dispose();

    private bool Use(HlsVariant variant)
    {
        if (_load is not { Playlist: HlsMultivariantPlaylist multivariant } load || load.Url.Follow(variant.Uri) is not { } media)
        {
            return false;
        }

        var around = new HlsSurroundings { Variables = multivariant.Variables };
        Main = new UpstreamPlaylist(outbound, manner, media, around);
        Audio = VariantChoice.AudioOf(multivariant, variant, manner.Policy)?.Uri is { } uri && load.Url.Follow(uri) is { } audio
            ? new UpstreamPlaylist(outbound, manner, audio, around)
            : null;
        return true;
    }
}
