using System.Globalization;
using System.Text.Json;
using Sluice.Media.Manifests;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Extras;

namespace Sluice.Server.Deliver;

/// <summary>Sends the poster and the storyboard. A poster is there for titles too that cannot be played yet.</summary>
internal sealed class PictureDelivery(IObjectStore store, ManifestDelivery manifests)
{
    /// <summary>Media type of all pictures.</summary>
    public const string Jpeg = "image/jpeg";

    /// <summary>Made anew now and then under the same address; browsers keep it and ask whether it is still true.</summary>
    private const string Revalidate = "no-cache";

    /// <summary>Name of the storyboard, beside which its sheets are.</summary>
    public const string BoardName = "storyboard.vtt";

    private const int MostBoardBytes = 64 * 1024;

    /// <summary>Name of a sheet of the storyboard.</summary>
    /// <param name="number">From 1.</param>
    public static string SheetName(int number) => string.Create(CultureInfo.InvariantCulture, $"storyboard-{number}.jpg");

    /// <summary>The storyboard of a title; null when it is not there.</summary>
    public static async Task<ManifestTemplate?> ReadBoardAsync(IObjectStore store, AssetId asset, CancellationToken ct)
    {
        using var stored = await store.OpenAsync(ObjectKey.Storyboard(asset), ct);
        if (stored is not { Length: <= MostBoardBytes })
        {
            return null;
        }

        var json = new byte[stored.Length];
        return await stored.ReadAllAsync(0, json, ct) && JsonSerializer.Deserialize(json, StoryboardJson.Default.Storyboard) is { } board
            ? board.ToWebVtt(SheetName)
            : throw new InvalidDataException("The storyboard's description cannot be read.");
    }

    /// <summary>Sends the poster.</summary>
    public Task SendPosterAsync(HttpContext context, Asset asset) => asset.Extras.HasPoster
        ? SendAsync(context, ObjectKey.Poster(asset.Id), asset.Revision)
        : Problem.WriteAsync(context, ErrorCode.ExtraUnknown);

    /// <summary>Sends one sheet of the storyboard.</summary>
    public Task SendSheetAsync(HttpContext context, Asset asset)
    {
        var number = int.Parse((string)context.Request.RouteValues["number"]!, CultureInfo.InvariantCulture);
        return asset.Extras.Storyboard is { } board && number >= 1 && number <= board.SheetCount
            ? SendAsync(context, ObjectKey.StoryboardSheet(asset.Id, number), asset.Revision)
            : Problem.WriteAsync(context, ErrorCode.ExtraUnknown);
    }

    /// <summary>Sends what the storyboard shows where and when; its links carry the viewer's token.</summary>
    public async Task SendStoryboardAsync(HttpContext context, OpenAsset asset)
    {
        var board = asset.Extras.Storyboard is null ? null : await ReadBoardAsync(store, asset.Id, context.RequestAborted);
        await (board is null
            ? Problem.WriteAsync(context, ErrorCode.ExtraUnknown)
            : manifests.SendAsync(context, asset, "storyboard", SubtitleDelivery.WebVttType, _ => ValueTask.FromResult(board)));
    }

    /// <summary>The same for a page that lists titles: its links carry no token.</summary>
    public async Task SendStoryboardAsync(HttpContext context, Asset asset)
    {
        store.Doubt(asset.Id, asset.Revision);
        var board = asset.Extras.Storyboard is null ? null : await ReadBoardAsync(store, asset.Id, context.RequestAborted);
        await (board is null
            ? Problem.WriteAsync(context, ErrorCode.ExtraUnknown)
            : ManifestDelivery.SendAsync(
                context, board, SubtitleDelivery.WebVttType, string.Create(CultureInfo.InvariantCulture, $"{asset.Id}.{asset.Revision}-storyboard")));
    }

    private async Task SendAsync(HttpContext context, ObjectKey key, int revision)
    {
        store.Doubt(key.Asset, revision);
        using var stored = await store.OpenAsync(key, context.RequestAborted);
        if (stored is null)
        {
            await Problem.WriteAsync(context, ErrorCode.ExtraUnknown);
            return;
        }

        await ObjectBody.SendAsync(context, stored, default, 0, Jpeg, Revalidate, $"\"{revision}-{stored.Length}\"");
    }
}
