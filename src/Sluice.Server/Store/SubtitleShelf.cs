using System.Globalization;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>Subtitles that are to be kept.</summary>
/// <param name="WebVtt">The file, as our own writer made it.</param>
/// <param name="Language">BCP 47 tag, or null.</param>
/// <param name="Name">Shown to people, or null.</param>
/// <param name="IsDefault">To be shown when the viewer has not chosen.</param>
/// <param name="IsForced">Only what must be understood although the viewer knows the sound's language.</param>
internal sealed record NewSubtitle(byte[] WebVtt, string? Language, string? Name, bool IsDefault = false, bool IsForced = false);

/// <summary>
/// Keeps the subtitles of titles. A name is taken first, then the object is put there, then the row lists it: so two
/// who add at the same time get two names, and what is listed is there.
/// </summary>
internal sealed class SubtitleShelf(AssetDirectory assets, IObjectStore store, TimeProvider clock)
{
    /// <summary>Subtitles of one title; more are a mistake, or mischief.</summary>
    public const int MostOfOneAsset = 64;

    /// <summary>Adds subtitles that came as a file of their own; null when there is no such title, or it has too many.</summary>
    public async Task<Subtitle?> AddAsync(AssetId asset, NewSubtitle added, CancellationToken ct)
    {
        if (await PutAsync(asset, [added], SubtitleOrigin.Uploaded, ct) is not [var subtitle])
        {
            return null;
        }

        var listed = await ChangeAsync(
            asset, old => old.Count < MostOfOneAsset ? [.. old, subtitle] : old, CancellationToken.None);
        if (listed?.Extras.Subtitles.Contains(subtitle) == true)
        {
            return subtitle;
        }

        await store.RemoveAsync(ObjectKey.Subtitle(asset, subtitle.Id), CancellationToken.None);
        return null;
    }

    /// <summary>Puts the subtitles of the file in the place of those that an earlier look into it found.</summary>
    public async Task ReplaceEmbeddedAsync(AssetId asset, IReadOnlyList<NewSubtitle> found, CancellationToken ct)
    {
        if (await PutAsync(asset, found, SubtitleOrigin.Embedded, ct) is not { } subtitles)
        {
            return;
        }

        IReadOnlyList<Subtitle> replaced = [];
        await ChangeAsync(
            asset,
            old =>
            {
                replaced = [.. old.Where(s => s.Origin == SubtitleOrigin.Embedded)];
                return [.. subtitles, .. old.Except(replaced)];
            },
            CancellationToken.None);
        foreach (var gone in replaced)
        {
            await store.RemoveAsync(ObjectKey.Subtitle(asset, gone.Id), CancellationToken.None);
        }
    }

    /// <summary>Removes subtitles; false when there were none of that name.</summary>
    public async Task<bool> RemoveAsync(AssetId asset, string id, CancellationToken ct)
    {
        if (await assets.FindAsync(asset, ct) is not { } title || title.Extras.Subtitles.FirstOrDefault(s => s.Id == id) is not { } gone)
        {
            return false;
        }

        await ChangeAsync(asset, old => [.. old.Where(s => s != gone)], CancellationToken.None);
        await store.RemoveAsync(ObjectKey.Subtitle(asset, gone.Id), CancellationToken.None);
        return true;
    }

    private async Task<IReadOnlyList<Subtitle>?> PutAsync(
        AssetId asset, IReadOnlyList<NewSubtitle> added, SubtitleOrigin origin, CancellationToken ct)
    {
        var named = await assets.UpdateAsync(
            asset, a => a with { Extras = a.Extras with { NextSubtitle = a.Extras.NextSubtitle + added.Count } }, ct);
        if (named is null)
        {
            return null;
        }

        var first = named.Extras.NextSubtitle - added.Count;
        var subtitles = added.Select((s, i) => new Subtitle(
            string.Create(CultureInfo.InvariantCulture, $"s{first + i}"), s.Language, s.Name, s.IsDefault, s.IsForced, origin)).ToList();
        await using var stage = store.Stage(asset);
        for (var i = 0; i < added.Count; i++)
        {
            var key = ObjectKey.Subtitle(asset, subtitles[i].Id);
            var path = stage.PathOf(key.Name);
            await File.WriteAllBytesAsync(path, added[i].WebVtt, ct);
            await store.PutAsync(key, path, ct);
        }

        return subtitles;
    }

    private Task<Asset?> ChangeAsync(AssetId asset, Func<IReadOnlyList<Subtitle>, IReadOnlyList<Subtitle>> change, CancellationToken ct) =>
        assets.UpdateAsync(
            asset,
            a => a with
            {
                Extras = a.Extras with { Subtitles = change(a.Extras.Subtitles) },
                Revision = a.Revision + 1,
                UpdatedAt = clock.GetUtcNow(),
            },
            ct);
}
