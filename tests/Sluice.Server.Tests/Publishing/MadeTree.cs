using System.Globalization;
using System.Text;
using Sluice.Server.Publishing;

namespace Sluice.Server.Tests.Publishing;

/// <summary>Small trees without a title behind them.</summary>
internal static class MadeTree
{
    /// <summary>Segments, a playlist of them and one that lists it, in a folder of its own.</summary>
    public static TitleTree Of(string source = "film", int segments = 8, string root = "film/", string text = "segment")
    {
        var files = new List<TreeFile>
        {
            TreeFile.Of(root + "master.m3u8", "text/plain", TreePart.Entrance, Encoding.UTF8.GetBytes("v0/index.m3u8")),
            TreeFile.Of(root + "v0/index.m3u8", "text/plain", TreePart.Playlist, Encoding.UTF8.GetBytes($"{segments} segments")),
        };
        files.AddRange(Enumerable.Range(1, segments).Select(n => TreeFile.Of(
            string.Create(CultureInfo.InvariantCulture, $"{root}v0/{n}.m4s"), "video/mp4", TreePart.Media, Encoding.UTF8.GetBytes($"{text} {n}"))));
        return new TitleTree(source, root + CmafTree.Record, files, null);
    }

    /// <summary>One of flat names, which is listed.</summary>
    public static TitleTree Flat(string name, int segments = 2) => new(name, TsTree.RecordOf(name),
    [
        TreeFile.Of(name + ".m3u8", "text/plain", TreePart.Entrance, Encoding.UTF8.GetBytes("segments")),
        .. Enumerable.Range(1, segments).Select(n => TreeFile.Of(
            string.Create(CultureInfo.InvariantCulture, $"{name}_{n}.ts"), "video/mp2t", TreePart.Media, Encoding.UTF8.GetBytes($"segment {n}"))),
    ], name + ".m3u8");
}
