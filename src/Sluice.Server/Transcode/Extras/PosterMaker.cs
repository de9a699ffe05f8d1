using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sluice.Server.Probe;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode.Extras;

/// <summary>
/// Makes the picture that stands for a title: of some keyframes near a place the most usual one; when that is nearly black, of
/// another place. Of sound alone, its cover.
/// </summary>
internal sealed partial class PosterMaker(ExtrasTool tool)
{
    private const int MostWidth = 1280;
    private const int MostHeight = 1920;

    /// <summary>Keyframes that are looked at in one place.</summary>
    private const int Candidates = 6;

    /// <summary>Mean of Y, which is 16 for black (ITU-R BT.709): below this it is night, or a fade.</summary>
    private const double DarkLuma = 28;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Where to look, as parts of the title.</summary>
    private static readonly double[] Places = [0.1, 0.3, 0.6];

    /// <summary>Makes it, when there is a picture at all.</summary>
    public async Task<PartResult> MakeAsync(ExtrasSource source, IObjectStage stage, CancellationToken ct)
    {
        if ((source.Facts.Picture ?? source.Facts.Cover) is not { } picture)
        {
            return PartResult.Nothing;
        }

        var name = ObjectKey.Poster(source.Asset).Name;
        ToolResult? failure = null;
        (double Luma, byte[] File)? best = null;
        double[] places = picture.IsCover || source.Facts.DurationSeconds <= 0 ? [0] : Places;
        foreach (var place in places)
        {
            var shot = await ShootAsync(source, picture, place * source.Facts.DurationSeconds, stage, name, ct);
            if (shot.Problem is not null)
            {
                failure ??= shot;
                continue;
            }

            if (ReadPicture(stage.PathOf(name)) is { } file && LumaOf(shot.Output) is var luma && luma > (best?.Luma ?? -1))
            {
                best = (luma, file);
                if (luma >= DarkLuma)
                {
                    break;
                }
            }
        }

        if (best is not { } chosen)
        {
            return new PartResult([], $"no poster: {failure?.Problem ?? "no picture could be decoded"}", failure?.Log);
        }

        await File.WriteAllBytesAsync(stage.PathOf(name), chosen.File, ct);
        return new PartResult([ObjectKey.Poster(source.Asset)], null, null);
    }

    private Task<ToolResult> ShootAsync(
        ExtrasSource source, StreamFacts picture, double seconds, IObjectStage stage, string name, CancellationToken ct)
    {
        // The keyframe before the place is taken too, else the end of a film with few of them would show nothing. Its time would be
        // negative, and the frame dropped, were it not numbered anew.
        string[] input = picture.IsCover
            ? []
            : ["-skip_frame", "nokey", "-noaccurate_seek", "-ss", seconds.ToString("0.###", CultureInfo.InvariantCulture)];
        var filter = PictureFilter.Fit(MostWidth, MostHeight, enlarge: false, picture.IsHdr)
            + (picture.IsCover ? "" : $",thumbnail={Candidates}")
            + ",format=yuv420p,signalstats,metadata=mode=print:key=lavfi.signalstats.YAVG:file=-,settb=1,setpts=N";
        File.Delete(stage.PathOf(name));
        return tool.RunAsync(
            source.Path,
            Path.GetDirectoryName(stage.PathOf(name))!,
            input,
            ["-map", $"0:{picture.Index}", "-vf", filter, "-map_metadata", "-1", "-r", "1", "-frames:v", "1", "-q:v", "3", "-f", "image2", "-update", "1", name],
            Longest,
            ct);
    }

    private static byte[]? ReadPicture(string path) =>
        File.Exists(path) && File.ReadAllBytes(path) is var file && JpegSize.TryRead(file) is not null ? file : null;

    private static double LumaOf(byte[] printed) => Luma().Match(Encoding.ASCII.GetString(printed)) is { Success: true } match
        && double.TryParse(match.Groups["mean"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var mean) ? mean : 0;

    [GeneratedRegex(@"YAVG=(?<mean>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Luma();
}
