using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Deliver;

/// <summary>Sends with an asset's files open and held; once more where one of them turned out to be of yesterday: another server may have put a later one in its place.</summary>
internal static class HeldDelivery
{
    /// <summary>Runs <paramref name="send"/> with the asset's files.</summary>
    public static async Task SendAsync(HttpContext context, Asset playable, Func<HttpContext, OpenAsset, Task> send)
    {
        for (SourceUnavailableException? loss = null; ;)
        {
            try
            {
                await TrySendAsync(context, playable, send);
                return;
            }
            catch (SourceUnavailableException e) when (e.IsLoss && loss is null && !context.Response.HasStarted)
            {
                loss = e;
                Problem.BeginAnew(context.Response);
            }
            catch (InvalidDataException) when (loss is not null)
            {
                throw loss.Again(); // It was not replaced: it is gone.
            }
        }
    }

    private static async Task TrySendAsync(HttpContext context, Asset playable, Func<HttpContext, OpenAsset, Task> send)
    {
        var cache = context.RequestServices.GetRequiredService<OpenAssetCache>();
        if (await cache.HoldAsync(playable, context.RequestAborted) is not { } asset)
        {
            await Problem.WriteAsync(context, ErrorCode.MediaUnknown);
            return;
        }

        try
        {
            await send(context, asset);
        }
        catch (ChunkAbsentException absent)
        {
            // What was removed while somebody waited, as a session's title is when that ends, has not failed.
            var assets = context.RequestServices.GetRequiredService<AssetDirectory>();
            await (await assets.FindAsync(playable.Id, context.RequestAborted) is null
                ? Problem.WriteAsync(context, ErrorCode.MediaUnknown)
                : SendAbsentAsync(context, absent));
        }
        finally
        {
            asset.Release();
        }
    }

    private static Task SendAbsentAsync(HttpContext context, ChunkAbsentException absent)
    {
        if (absent.RetryAfterSeconds == 0)
        {
            return Problem.WriteAsync(context, ErrorCode.SegmentFailed, absent.Reason);
        }

        context.Response.Headers.RetryAfter = absent.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Problem.WriteAsync(context, ErrorCode.SegmentPending, absent.Reason);
    }
}
