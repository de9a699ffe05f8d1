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
            return await use(new TitleParts(open.Tracks, texts, poster, await BoardAsync(asset, ct)));
        }
        finally
        {
            open.Release();
        }
    }

    /// <summary>All of it or nothing: one whose sheets are not all there would show holes.</summary>
    private async Task<TitleBoard?> BoardAsync(Asset asset, CancellationToken ct)
    {
        if (asset.Extras.Storyboard is not { } facts || await PictureDelivery.ReadBoardAsync(store, asset.Id, ct) is not { } webVtt)
        {
            return null;
        }

        var sheets = new List<(long, Func<CancellationToken, Task<byte[]>>)>();
        for (var n = 1; n <= facts.SheetCount; n++)
        {
            var key = ObjectKey.StoryboardSheet(asset.Id, n);
            using var stored = await store.OpenAsync(key, ct);
            if (stored is null)
            {
                return null;
            }

            sheets.Add((stored.Length, async stop => await ReadAsync(key, stop) ?? throw new InvalidDataException("A sheet of the storyboard is gone.")));
        }

        return new TitleBoard(webVtt, sheets);
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
