using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>
/// A media playlist that is being followed, wherever its source has it by now. Loaded by whoever follows it, and by downloads to which something was denied:
/// one after the other, so that the first renews it for all.
/// </summary>
/// <param name="source">What it belongs to.</param>
/// <param name="current">Where the source has it.</param>
internal sealed class FollowedPlaylist(UpstreamSource source, Func<UpstreamPlaylist> current) : IDisposable
{
    private readonly SemaphoreSlim _loading = new(1);
    private PlaylistLoad? _latest;

    /// <summary>As it was loaded last; null before the first time.</summary>
    public HlsMediaPlaylist? Latest => Volatile.Read(ref _latest)?.Playlist as HlsMediaPlaylist;

    /// <summary>Where that was. After the first load.</summary>
    public OutboundUrl Url => _latest!.Url;

    /// <summary>How long viewers can do without what a playlist of such a target duration names: they are three of them behind its end.</summary>
    public static TimeSpan Patience(TimeSpan target) =>
        TimeSpan.FromTicks(Math.Clamp(3 * target.Ticks, 3 * TimeSpan.TicksPerSecond, TimeSpan.TicksPerMinute));

    /// <summary>Loads it.</summary>
    public async Task<PlaylistLoad> LoadAsync(CancellationToken ct)
    {
        await _loading.WaitAsync(ct);
        try
        {
            return await LoadAloneAsync(ct);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>The next load has been done already.</summary>
    public void Give(PlaylistLoad load) => current().Give(load);

    /// <summary>The next load asks from the first address on.</summary>
    public Task GoBackAsync(CancellationToken ct)
    {
        current().GoBack();
        return source.RenewAsync(current(), ct);
    }

    /// <summary>Finds a segment to which something was denied in a playlist that is loaded from the first address on.</summary>
    /// <returns>The segment; null when nothing of it has another address now.</returns>
    public async Task<UpstreamSegment?> RenewAsync(UpstreamSegment denied, CancellationToken ct)
    {
        await _loading.WaitAsync(ct);
        try
        {
            if (Again(denied) is { } known)
            {
                return known;
            }

            await GoBackAsync(ct);
            await LoadAloneAsync(ct);
            return Again(denied);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _loading.Dispose();

    private async Task<PlaylistLoad> LoadAloneAsync(CancellationToken ct)
    {
        var from = current();
        from.Patience = Latest is { } known ? Patience(known.TargetDuration) : from.Patience;
        var load = await from.LoadAsync(ct);
        Volatile.Write(ref _latest, load.Playlist is HlsMediaPlaylist ? load : _latest);
        return load;
    }

    private UpstreamSegment? Again(UpstreamSegment denied) =>
        Latest?.Segments.FirstOrDefault(s => s.Sequence == denied.Segment.Sequence) is { } same
        && (Url.Follow(same.Uri)?.Secret, same.Key?.Uri) != ((denied.Base ?? Url).Follow(denied.Segment.Uri)?.Secret, denied.Segment.Key?.Uri)
            ? new UpstreamSegment(same, denied.IsBreak) { Base = Url }
            : null;
}
