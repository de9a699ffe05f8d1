using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Media.Text;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode.Extras;

/// <summary>
/// Makes the small pictures that show where a viewer would land. Only keyframes are decoded, in one pass; each picture has the time
/// of its own frame, so a file with few keyframes has few pictures, and none in a wrong place.
/// </summary>
internal sealed partial class StoryboardMaker(ExtrasTool tool)
{
    private const int Side = 10;
    private const int TileWidth = 160;
    private const int TileHeight = 320;
    private const int MostPictures = 300;
    private const double LeastIntervalSeconds = 2;

    /// <summary>For a source whose length is not known.</summary>
    private const double BlindIntervalSeconds = 10;

    private const int MostSheets = 8;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    /// <summary>Pictures are at least so far apart, in seconds.</summary>
    public static double IntervalOf(double durationSeconds) =>
        durationSeconds > 0 ? Math.Max(LeastIntervalSeconds, durationSeconds / MostPictures) : BlindIntervalSeconds;

    /// <summary>Makes it, when there is a picture that moves.</summary>
    public async Task<(PartResult Part, StoryboardFacts? Facts)> MakeAsync(ExtrasSource source, IObjectStage stage, CancellationToken ct)
    {
        if (source.Facts.Picture is not { } picture)
        {
            return (PartResult.Nothing, null);
        }

        var interval = IntervalOf(source.Facts.DurationSeconds);
        var filter = string.Create(
            CultureInfo.InvariantCulture,
            $"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{interval - 0.001:0.###})',"
            + $"{PictureFilter.Fit(TileWidth, TileHeight, enlarge: true, picture.IsHdr)},metadata=mode=add:key=tile:value=1,"
            + $"metadata=mode=print:key=tile:file=-,tile={Side}x{Side},settb=1,setpts=N");
        var result = await tool.RunAsync(
            source.Path,
            Path.GetDirectoryName(stage.PathOf("storyboard.json"))!,
            ["-skip_frame", "nokey"],
            [
                "-map", $"0:{picture.Index}", "-vf", filter, "-map_metadata", "-1", "-r", "1", "-frames:v", $"{MostSheets}", "-q:v", "5",
                "-f", "image2", "-start_number", "1", "storyboard-%d.jpg",
            ],
            Longest,
            ct);
        if (result.Problem is not null)
        {
            return (new PartResult([], $"no storyboard: {result.Problem}", result.Log), null);
        }

        return ReadBoard(source, stage, TimesOf(result.Output)) is { } board
            ? (await KeepAsync(source.Asset, stage, board, ct), new StoryboardFacts(board.SheetCount, interval))
            : (new PartResult([], "no storyboard: its pictures have no times", null), null);
    }

    /// <summary>Looks at the sheets; null when they are not those that these times need.</summary>
    private static Storyboard? ReadBoard(ExtrasSource source, IObjectStage stage, List<long> times)
    {
        var board = new Storyboard
        {
            TileWidth = 0,
            TileHeight = 0,
            Columns = Side,
            Rows = Side,
            TimesMilliseconds = [.. times.Take(MostSheets * Side * Side)],
            DurationMilliseconds = (long)(source.Facts.DurationSeconds * 1000),
        };
        for (var n = 1; n <= board.SheetCount; n++)
        {
            var path = stage.PathOf(ObjectKey.StoryboardSheet(source.Asset, n).Name);
            if (!File.Exists(path) || JpegSize.TryRead(File.ReadAllBytes(path)) is not var (width, height)
                || (n > 1 && (width / Side, height / Side) != (board.TileWidth, board.TileHeight)))
            {
                return null;
            }

            board = board with { TileWidth = width / Side, TileHeight = height / Side };
        }

        return board.SheetCount > 0 ? board : null;
    }

    private static async Task<PartResult> KeepAsync(AssetId asset, IObjectStage stage, Storyboard board, CancellationToken ct)
    {
        var description = ObjectKey.Storyboard(asset);
        await using (var file = File.Create(stage.PathOf(description.Name)))
        {
            await JsonSerializer.SerializeAsync(file, board, StoryboardJson.Default.Storyboard, ct);
        }

        // The description comes last: it is what says that the sheets are there.
        return new PartResult(
            [.. Enumerable.Range(1, board.SheetCount).Select(n => ObjectKey.StoryboardSheet(asset, n)), description], null, null);
    }

    private static List<long> TimesOf(byte[] printed) =>
    [
        .. Time().Matches(Encoding.ASCII.GetString(printed))
            .Select(m => (long)Math.Round(double.Parse(m.Groups["seconds"].ValueSpan, CultureInfo.InvariantCulture) * 1000))
            .Select(ms => Math.Max(0, ms)),
    ];

    [GeneratedRegex(@"pts_time:(?<seconds>-?\d+(\.\d+)?)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Time();
}
