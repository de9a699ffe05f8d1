using System.Globalization;
using Sluice.Server.Catalog;

namespace Sluice.Server.Transcode;

/// <summary>Numbers in the names of renditions: <c>v3</c>, <c>a0</c>. None is used twice while a title is offered, for players know them.</summary>
internal static class RenditionNumbers
{
    /// <summary>The first number that is free.</summary>
    /// <param name="renditions">What there is.</param>
    /// <param name="kind"><c>video</c> or <c>audio</c>.</param>
    public static int FirstFree(IEnumerable<Rendition> renditions, string kind) => renditions
        .Where(r => r.Kind == kind).Select(r => Of(r.Id) + 1).DefaultIfEmpty(0).Max();

    /// <summary>The number in a name.</summary>
    public static int Of(string rendition) => int.Parse(rendition.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
}
