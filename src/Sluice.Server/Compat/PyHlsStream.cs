using Sluice.Server.Deliver;
using Sluice.Server.Hosting;

namespace Sluice.Server.Compat;

/// <summary>Where PyHLS's two streaming routes go on to delivery.</summary>
internal static class PyHlsStream
{
    /// <summary>The playlist of a title that came in by PyHLS's door: MPEG-TS segments <c>segment{n}.ts</c>. A title whose
    /// codecs MPEG-TS does not carry gets what every other title does.</summary>
    public static Task TsPlaylistAsync(HttpContext context) => DeliveryEndpoints.WithAsset(context, static (c, asset) =>
        TsRendition.Default(asset.Tracks) is { } rendition
            ? Ts(c).SendPlaylistAsync(c, asset, rendition, TsDelivery.UrisOf(asset, rendition))
            : DeliveryEndpoints.SendMultivariantAsync(c, asset));

    /// <summary>The playlist of any other title: what <c>master.m3u8</c> answers.</summary>
    public static Task MasterPlaylistAsync(HttpContext context) => DeliveryEndpoints.SendMultivariant(context);

    /// <summary>MPEG-TS segment <paramref name="number"/>, counted from 0.</summary>
    public static Task TsSegmentAsync(HttpContext context, int number) => DeliveryEndpoints.WithAsset(context, async (c, asset) =>
    {
        if (asset.Secret is not null || TsRendition.Default(asset.Tracks) is not { } rendition || number == int.MaxValue
            || !await Ts(c).SendSegmentAsync(c, asset, rendition, number + 1))
        {
            await Problem.WriteAsync(c, ErrorCode.SegmentUnknown);
        }
    });

    private static TsDelivery Ts(HttpContext context) => context.RequestServices.GetRequiredService<TsDelivery>();
}
