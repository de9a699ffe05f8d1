using System.IO.Compression;
using Microsoft.AspNetCore.WebUtilities;
using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>What a load brought.</summary>
/// <param name="Playlist">The playlist; null when there is a problem.</param>
/// <param name="Url">Where it was in the end: what addresses in it are relative to.</param>
/// <param name="Problem">In words for a person.</param>
/// <param name="Status">HTTP status; 0 when there was none.</param>
internal sealed record PlaylistLoad(HlsPlaylist? Playlist, OutboundUrl Url, string? Problem, int Status)
{
    /// <summary>The address is of no use any more; the one that led to it may be.</summary>
    public bool IsDenied => Status is 401 or 403 or 404 or 410;
}

/// <summary>
/// A playlist that is loaded again and again. Where a redirect led is asked from then on; when that denies itself, the first
/// address is asked again.
/// </summary>
internal sealed class UpstreamPlaylist(OutboundFetcher outbound, UpstreamManner manner, OutboundUrl first, HlsSurroundings around)
{
    /// <summary>Where a redirect led; null for the first address.</summary>
    private OutboundUrl? _moved;
    private PlaylistLoad? _given;

    /// <summary>Patience with a load. A playlist that is late is of no use; another may not be.</summary>
    public TimeSpan Patience { get; set; } = manner.Timeout / 2;

    /// <summary>Loads it; does not throw for what the other side does.</summary>
    public async Task<PlaylistLoad> LoadAsync(CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _given, null) is { } given)
        {
            return given;
        }

        var load = await LoadAsync(_moved ?? first, ct);
        if (load.IsDenied && _moved is not null)
        {
            load = await LoadAsync(first, ct);
        }

        _moved = load.Playlist is null ? _moved : load.Url;
        return load;
    }

    /// <summary>The next load asks the first address.</summary>
    public void GoBack() => _moved = null;

    /// <summary>The next load has been done already.</summary>
    public void Give(PlaylistLoad load) => _given = load;

    private async Task<PlaylistLoad> LoadAsync(OutboundUrl url, CancellationToken ct)
    {
        try
        {
            await using var response = await outbound.SendAsync(Request(url), ct);
            if (response.Status != 200)
            {
                return new PlaylistLoad(null, response.Url, $"the playlist is answered with {response.Status}", response.Status);
            }

            var bytes = await ReadAsync(response, ct);
            var query = QueryHelpers.ParseQuery(response.Url.Address.Query)
                .ToDictionary(static p => p.Key, static p => p.Value.ToString(), StringComparer.Ordinal);
            var playlist = HlsPlaylistReader.TryRead(bytes, out var problem, around with { Query = query });
            return new PlaylistLoad(playlist, response.Url, problem?.ToString(), response.Status);
        }
        catch (OutboundException e)
        {
            return new PlaylistLoad(null, url, e.Message, 0);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            return new PlaylistLoad(null, url, "the playlist is packed, and damaged", 0);
        }
    }

    private OutboundRequest Request(OutboundUrl url)
    {
        var request = manner.Request(url, HlsPlaylist.MostBytes);
        var limit = Patience < manner.Timeout ? Patience : manner.Timeout;
        return request with { Limits = request.Limits with { Header = limit, Idle = limit, Total = 2 * limit } };
    }

    private static async Task<byte[]> ReadAsync(OutboundResponse response, CancellationToken ct)
    {
        using var packed = new MemoryStream();
        await response.Body.CopyToAsync(packed, ct);

        // Asked for as it is, and packed all the same: some store their playlists so, not all of those say it.
        var isGzip = packed.GetBuffer().AsSpan(0, (int)packed.Length) is [0x1F, 0x8B, ..];
        packed.Position = 0;
        await using Stream? unpacking = isGzip ? new GZipStream(packed, CompressionMode.Decompress)
            : response.Encoding == "br" ? new BrotliStream(packed, CompressionMode.Decompress)
            : null;
        if (unpacking is null)
        {
            return packed.ToArray();
        }

        // One byte too many is enough to be refused.
        var clear = new byte[HlsPlaylist.MostBytes + 1];
        var count = await unpacking.ReadAtLeastAsync(clear, clear.Length, throwOnEndOfStream: false, ct);
        return clear[..count];
    }
}
