using Sluice.Media.Manifests;

namespace Sluice.Media.Text;

/// <summary>Small pictures of a title in sheets, for previews while a viewer looks for a place.</summary>
public sealed record Storyboard
{
    /// <summary>Width of one picture in pixels.</summary>
    public required int TileWidth { get; init; }

    /// <summary>Height of one picture in pixels.</summary>
    public required int TileHeight { get; init; }

    /// <summary>Pictures in a row of a sheet.</summary>
    public required int Columns { get; init; }

    /// <summary>Rows of a sheet.</summary>
    public required int Rows { get; init; }

    /// <summary>When each picture is in the title, in milliseconds, ascending.</summary>
    public required IReadOnlyList<long> TimesMilliseconds { get; init; }

    /// <summary>Length of the title in milliseconds.</summary>
    public required long DurationMilliseconds { get; init; }

    /// <summary>Sheets that hold them all.</summary>
    public int SheetCount => (TimesMilliseconds.Count + (Columns * Rows) - 1) / (Columns * Rows);

    /// <summary>The WebVTT file that players want: from each picture's time to the next one's, a part of a sheet by a spatial
    /// fragment (W3C Media Fragments URI section 4.2.2). The first picture stands for what comes before it too.</summary>
    /// <param name="sheetUri">URI of a sheet, from 1, without a query.</param>
    public ManifestTemplate ToWebVtt(Func<int, string> sheetUri)
    {
        var vtt = new ManifestBuilder(QueryEscaping.None);
        vtt.Append("WEBVTT\n"u8);
        for (var i = 0; i < TimesMilliseconds.Count; i++)
        {
            var start = i == 0 ? 0 : TimesMilliseconds[i];
            var end = i + 1 < TimesMilliseconds.Count ? TimesMilliseconds[i + 1] : Math.Max(DurationMilliseconds, start + 1);
            var (sheet, tile) = Math.DivRem(i, Columns * Rows);
            var (row, column) = Math.DivRem(tile, Columns);
            vtt.Append($"\n{CueTime.Write(start)} --> {CueTime.Write(end)}\n");
            vtt.AppendUri(sheetUri(sheet + 1));
            vtt.Append($"#xywh={column * TileWidth},{row * TileHeight},{TileWidth},{TileHeight}\n");
        }

        return vtt.Build();
    }
}
