using Microsoft.AspNetCore.Http.Features;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Deliver;

/// <summary>Routes below <c>/stream/{id}</c>: manifests, init and media segments, the file itself where that is allowed. Every one passes the playback gate.
/// <c>playlist.m3u8</c>, whose content depends on the door a title came in by, is mapped by PyHLS's routes.</summary>
internal static class DeliveryEndpoints
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Registers what delivery needs.</summary>
    public static IServiceCollection AddDelivery(this IServiceCollection services) => services
        .AddSingleton<OpenAssetCache>()
        .AddSingleton<ManifestDelivery>()
        .AddSingleton<TsDelivery>()
        .AddSingleton<PictureDelivery>()
        .AddSingleton<SubtitleDelivery>()
        .AddSingleton<SourceDelivery>()
        .AddSingleton<ArrivingDelivery>()
        .AddSingleton<Preparation>();

    /// <summary>Maps the routes.</summary>
    public static void MapDelivery(this IEndpointRouteBuilder routes)
    {
        var pictures = routes.MapGroup("/api/v1/media/{id}").RequireAssetReader().WithTags("media");
        pictures.MapMethods("/poster.jpg", GetAndHead, (AssetId id, HttpContext context) => ToReader(id, context, Pictures(context).SendPosterAsync))
            .Produces(StatusCodes.Status200OK, contentType: PictureDelivery.Jpeg).WithSummary("The picture that stands for a title.");
        pictures.MapMethods("/storyboard.vtt", GetAndHead, (AssetId id, HttpContext context) => ToReader(id, context, Pictures(context).SendStoryboardAsync))
            .Produces(StatusCodes.Status200OK, contentType: "text/vtt").WithSummary("Where and when small pictures of a title are on its sheets.");
        pictures.MapMethods("/storyboard-{number:int}.jpg", GetAndHead, (AssetId id, int number, HttpContext context) => ToReader(id, context, Pictures(context).SendSheetAsync))
            .Produces(StatusCodes.Status200OK, contentType: PictureDelivery.Jpeg).WithSummary("A sheet of small pictures.");
        var stream = routes.MapGroup("/stream/{id}").RequirePlayback().ExcludeFromDescription();
        stream.MapMethods("/master.m3u8", GetAndHead, (RequestDelegate)SendMultivariant).LimitRate(RateKind.Manifests);
        stream.MapMethods("/manifest.mpd", GetAndHead, (RequestDelegate)SendMpd).LimitRate(RateKind.Manifests);
        stream.MapMethods("/download", GetAndHead, (RequestDelegate)SendSource).LimitRate(RateKind.Manifests);
        stream.MapMethods("/poster.jpg", GetAndHead, (RequestDelegate)SendPoster).WithMetadata(CountsNoView.Instance);
        stream.MapMethods("/storyboard.vtt", GetAndHead, (RequestDelegate)SendStoryboard).WithMetadata(CountsNoView.Instance);
        stream.MapMethods("/storyboard-{number:int}.jpg", GetAndHead, (RequestDelegate)SendSheet).WithMetadata(CountsNoView.Instance);
        stream.MapMethods("/{version}/{track}/{file}", GetAndHead, (RequestDelegate)SendTrackFile).LimitRate(RateKind.Manifests);
        stream.MapMethods("/{version}/ts/{rendition}/{file}", GetAndHead, (RequestDelegate)SendTsFile).LimitRate(RateKind.Manifests);
    }

    /// <summary>Sends the multivariant playlist of an asset that is held.</summary>
    public static Task SendMultivariantAsync(HttpContext context, OpenAsset asset) =>
        Manifests(context).SendMultivariantAsync(context, asset);

    /// <summary>Sends the multivariant playlist of the asset of a request, be it that it is still arriving.</summary>
    public static Task SendMultivariant(HttpContext context) => WithAsset(
        context, SendMultivariantAsync, static (c, asset) => Arriving(c).SendMultivariantAsync(c, asset));

    private static Task SendMpd(HttpContext context) =>
        WithAsset(context, static (c, asset) => Manifests(c).SendMpdAsync(c, asset));

    private static Task SendPoster(HttpContext context) => Pictures(context).SendPosterAsync(context, AssetOf(context));

    private static Task SendSource(HttpContext context) =>
        context.RequestServices.GetRequiredService<SourceDelivery>().SendAsync(context, AssetOf(context));

    private static async Task ToReader(AssetId id, HttpContext context, Func<HttpContext, Asset, Task> send)
    {
        var assets = context.RequestServices.GetRequiredService<AssetDirectory>();
        await (await assets.FindAsync(id, context.RequestAborted) is { } asset
            ? send(context, asset)
            : Problem.WriteAsync(context, ErrorCode.MediaUnknown));
    }

    private static Task SendStoryboard(HttpContext context) =>
        WithAsset(context, static (c, asset) => Pictures(c).SendStoryboardAsync(c, asset));

    private static Task SendSheet(HttpContext context) => Pictures(context).SendSheetAsync(context, AssetOf(context));

    private static Task SendTrackFile(HttpContext context) => WithAsset(context, static async (c, asset) =>
    {
        var values = c.Request.RouteValues;
        var file = (string)values["file"]!;
        var name = (string)values["track"]!;
        if ((string)values["version"]! == asset.Version && SubtitleDelivery.Find(asset, name) is { } subtitle)
        {
            await c.RequestServices.GetRequiredService<SubtitleDelivery>().SendAsync(c, asset, subtitle, file);
            return;
        }

        if ((string)values["version"]! == asset.Version && MadeSubtitleDelivery.Find(asset, name) is { } made)
        {
            await MadeSubtitleDelivery.SendAsync(c, asset, made, file);
            return;
        }

        if ((string)values["version"]! != asset.Version || asset.Find(name) is not { } track)
        {
            await Problem.WriteAsync(c, ErrorCode.SegmentUnknown);
            return;
        }

        switch (file)
        {
            case "index.m3u8":
                await Manifests(c).SendMediaAsync(c, asset, track);
                return;
            case "init.mp4":
                await SegmentDelivery.SendInitAsync(c, asset.Version, track.Summary, track.Init);
                return;
            case EncryptedDelivery.KeyFile when asset.Secret is { } secret:
                await EncryptedDelivery.SendKeyAsync(c, secret, name);
                return;
            default:
                if (!SegmentNumber.TryRead(file, ".m4s", out var number) || !await SegmentDelivery.SendAsync(c, asset, track, number))
                {
                    await Problem.WriteAsync(c, ErrorCode.SegmentUnknown);
                }

                return;
        }
    }, static (c, asset) => Arriving(c).SendTrackFileAsync(c, asset));

    private static Task SendTsFile(HttpContext context) => WithAsset(context, static async (c, asset) =>
    {
        var values = c.Request.RouteValues;
        var file = (string)values["file"]!;
        var ts = c.RequestServices.GetRequiredService<TsDelivery>();
        if ((string)values["version"]! != asset.Version
            || TsRendition.Find(asset, (string)values["rendition"]!) is not { } rendition)
        {
            await Problem.WriteAsync(c, ErrorCode.SegmentUnknown);
        }
        else if (file == EncryptedDelivery.KeyFile && asset.Secret is { } secret)
        {
            await EncryptedDelivery.SendKeyAsync(c, secret, TsDelivery.KeyNameOf(rendition));
        }
        else if (file == "index.m3u8")
        {
            await ts.SendPlaylistAsync(c, asset, rendition, TsDelivery.NestedUris);
        }
        else if (!SegmentNumber.TryRead(file, ".ts", out var number) || !await ts.SendSegmentAsync(c, asset, rendition, number))
        {
            await Problem.WriteAsync(c, ErrorCode.SegmentUnknown);
        }
    });

    /// <summary>Runs <paramref name="send"/> with the asset's files open and held.</summary>
    /// <param name="context">The request.</param>
    /// <param name="send">Sends.</param>
    /// <param name="arriving">Sends while the asset arrives, false when it has arrived meanwhile; null when that cannot be sent until then.</param>
    public static async Task WithAsset(
        HttpContext context, Func<HttpContext, OpenAsset, Task> send, Func<HttpContext, Asset, Task<bool>>? arriving = null)
    {
        var playable = AssetOf(context);
        if (playable.State == AssetState.Arriving)
        {
            if (arriving is null)
            {
                context.Response.Headers.RetryAfter = "5";
                await Problem.WriteAsync(context, ErrorCode.MediaArriving);
                return;
            }

            if (await arriving(context, playable))
            {
                return;
            }

            playable = await context.RequestServices.GetRequiredService<Preparation>().ArrivedAsync(playable, context.RequestAborted);
        }

        if (playable.State == AssetState.Processing)
        {
            playable = await context.RequestServices.GetRequiredService<Preparation>().WaitAsync(playable, context.RequestAborted);
        }

        if (playable.State != AssetState.Ready)
        {
            await SendNotReadyAsync(context, playable);
            return;
        }

        await HeldDelivery.SendAsync(context, playable, send);
    }

    private static Task SendNotReadyAsync(HttpContext context, Asset asset)
    {
        if (asset.State is not (AssetState.Processing or AssetState.Arriving))
        {
            return Problem.WriteAsync(context, ErrorCode.MediaNotReady, asset.Reason);
        }

        context.Response.Headers.RetryAfter = "2";
        return Problem.WriteAsync(context, ErrorCode.MediaProcessing, asset.Reason);
    }

    private static Asset AssetOf(HttpContext context) => context.Features.GetRequiredFeature<IPlayableFeature>().Asset;

    private static ArrivingDelivery Arriving(HttpContext context) => context.RequestServices.GetRequiredService<ArrivingDelivery>();

    private static PictureDelivery Pictures(HttpContext context) => context.RequestServices.GetRequiredService<PictureDelivery>();

    private static ManifestDelivery Manifests(HttpContext context) =>
        context.RequestServices.GetRequiredService<ManifestDelivery>();
}
