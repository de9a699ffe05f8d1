using System.Globalization;

namespace Sluice.Server.Transcode.Extras;

/// <summary>Filters of pictures that are made smaller for people to see.</summary>
internal static class PictureFilter
{
    /// <summary>Makes a picture fit, never wider or higher than this, with square pixels and even sides.</summary>
    /// <param name="width">Most pixels across.</param>
    /// <param name="height">Most pixels down.</param>
    /// <param name="enlarge">Small ones become that large too.</param>
    /// <param name="isHdr">It is high dynamic range, to be shown on any screen.</param>
    public static string Fit(int width, int height, bool enlarge, bool isHdr)
    {
        var across = string.Create(CultureInfo.InvariantCulture, $"min({width},{height}*dar)");
        across = enlarge ? across : $"min({across},iw*sar)";
        return $"scale=w='2*max(1,trunc({across}/2))':h='2*max(1,round(ow/dar/2))',setsar=1{(isHdr ? "," + FilterGraph.ToneMap : "")}";
    }
}
