using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Compat;

/// <summary>Where PyHLS's two streaming routes go on to delivery.</summary>
internal static class PyHlsStream
{
    /// <summary>The playlist of a title that came in by PyHLS's door: MPEG-TS segments <c>segment{n}.ts</c>.</summary>
    public static Task TsPlaylistAsync(HttpContext context, Asset asset, string token) =>
        Problem.WriteAsync(context, ErrorCode.MediaNotReady, asset.Reason);

    /// <summary>The playlist of any other title: what <c>master.m3u8</c> answers.</summary>
    public static Task MasterPlaylistAsync(HttpContext context, Asset asset, string token) =>
        Problem.WriteAsync(context, ErrorCode.MediaNotReady, asset.Reason);

    /// <summary>MPEG-TS segment <paramref name="number"/>, counted from 0.</summary>
    public static Task TsSegmentAsync(HttpContext context, Asset asset, int number) =>
        Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
}
