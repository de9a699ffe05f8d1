using Sluice.Media.Text;
using Sluice.Server.Catalog;
using Sluice.Server.Deliver;
using Sluice.Server.Store;

namespace Sluice.Server.Publishing;

/// <summary>Opens titles of the library for publishing.</summary>
internal sealed class TitleOpening(OpenAssetCache cache, IObjectStore store)
{
    /// <summary>Makes something of an open title; null when its files are not there any more.</summary>
    public async Task<T?> WithAsync<T>(Asset asset, Func<TitleParts, Task<T>> use, CancellationToken ct) where T : struct
    {
        if (await cache.HoldAsync(asset, ct) is not { } open)
        {
            return null;
        }

        try
        {
            var texts = new List<TitleText>();
            foreach (var subtitle in asset.Extras.Subtitles)
            {
                if (await ReadAsync(ObjectKey.Subtitle(asset.Id, subtitle.Id), ct) is { } text && text.AsSpan().StartsWith(WebVttWriter.Signature))
                {
                    texts.Add(new TitleText(subtitle, text));
                }
            }

            var poster = asset.Extras.HasPoster ? await ReadAsync(ObjectKey.Poster(asset.Id), ct) : null;
            return await use(new TitleParts(open.Tracks, texts, poster));
        }
        finally
        {
            open.Release();
        }
    }

    private async Task<byte[]?> ReadAsync(ObjectKey key, CancellationToken ct)
    {
        using var stored = await store.OpenAsync(key, ct);
        if (stored is null)
        {
            return null;
        }

        var bytes = new byte[stored.Length];
        return await stored.ReadAllAsync(0, bytes, ct) ? bytes : null;
    }
}
