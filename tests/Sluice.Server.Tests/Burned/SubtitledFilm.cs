using System.Globalization;
using Sluice.Tests;

namespace Sluice.Server.Tests.Burned;

/// <summary>
/// 16 s of grey with subtitles of both kinds: track 2 shows a white box in the lower half from 5.0 to 9.5 s and one in the upper half from 12 to
/// 13 s, track 3 another one, track 4 is text. Its canvas is twice as large as the picture.
/// </summary>
public sealed class SubtitledFilm : IDisposable
{
    public const int Width = 320, Height = 180, Rate = 25;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-burned-");
    private readonly Lazy<string> _path;

    public SubtitledFilm() => _path = new Lazy<string>(Make);

    /// <summary>The film, in Matroska.</summary>
    public string Path => _path.Value;

    /// <summary>The same picture with the subtitles of track 2 as its track 1, in another format; its name tells the container.</summary>
    public string Converted(string name, string codec)
    {
        var path = In(name);
        if (!File.Exists(path))
        {
            var subtitles = In($"of-{name}.sup");
            PgsFile.Write(subtitles, 2 * Width, 2 * Height, Doubled(Lower), Doubled(Upper));
            Ffmpeg.Make(
                $"-copyts -f lavfi -i color=c=gray:s={Width}x{Height}:r={Rate}:d=16 -fix_sub_duration -i {subtitles} -map 0 -map 1 "
                + $"-c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:s {codec}", path);
        }

        return path;
    }

    /// <summary>A folder for what a test writes.</summary>
    public string Folder => _folder.FullName;

    /// <summary>A box of track 2, in pixels of the picture.</summary>
    internal static PgsBox Lower { get; } = new(5, 9.5, 100, 130, 120, 30);

    /// <summary>The other one.</summary>
    internal static PgsBox Upper { get; } = new(12, 13, 40, 20, 60, 20);

    /// <summary>The box is shown at that time.</summary>
    internal static bool Shows(PgsBox box, double time) => time > box.From && time < box.To;

    /// <summary>No box comes or goes within a frame of that time.</summary>
    internal static bool IsClear(double time) =>
        new[] { Lower.From, Lower.To, Upper.From, Upper.To }.All(change => Math.Abs(time - change) > 1.1 / Rate);

    /// <summary>Brightness of every frame inside and outside of the boxes, by the frame's time from the title's zero.</summary>
    internal static List<(double Time, double Lower, double Upper, double Elsewhere)> Look(string video, double origin, int width, int height)
    {
        var raw = System.IO.Path.GetTempFileName();
        try
        {
            Ffmpeg.Run($"-copyts -i {video} -fps_mode passthrough -pix_fmt yuv420p -f rawvideo {raw}");
            var times = Ffmpeg.Probe($"-select_streams v -show_entries frame=pts_time -of csv=p=0 {video}")
                .Select(t => double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture) - origin).ToList();
            var bytes = File.ReadAllBytes(raw);
            var scale = width / (double)Width;
            return [.. times.Select((time, i) => (
                time, Mean(i, Lower.X, Lower.Y, Lower.Width, Lower.Height), Mean(i, Upper.X, Upper.Y, Upper.Width, Upper.Height), Mean(i, 10, 70, 300, 40)))];

            // The edges are left out: there an encoder smears.
            double Mean(int frame, int x, int y, int w, int h)
            {
                var (left, top, right, bottom) = ((int)((x + 4) * scale), (int)((y + 4) * scale), (int)((x + w - 4) * scale), (int)((y + h - 4) * scale));
                var sum = 0L;
                for (var row = top; row < bottom; row++)
                {
                    for (var column = left; column < right; column++)
                    {
                        sum += bytes[(frame * width * height * 3 / 2) + (row * width) + column];
                    }
                }

                return sum / (double)((right - left) * (bottom - top));
            }
        }
        finally
        {
            File.Delete(raw);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Make()
    {
        var (first, second, text) = (In("first.sup"), In("second.sup"), In("text.srt"));
        PgsFile.Write(first, 2 * Width, 2 * Height, Doubled(Lower), Doubled(Upper));
        PgsFile.Write(second, 2 * Width, 2 * Height, Doubled(new PgsBox(1, 2, 10, 10, 40, 40)));
        File.WriteAllText(text, "1\n00:00:01,000 --> 00:00:03,000\nHello\n");
        var path = In("film.mkv");
        Ffmpeg.Make(
            $"-copyts -f lavfi -i color=c=gray:s={Width}x{Height}:r={Rate}:d=16 -f lavfi -i sine=440:r=48000:d=16 -i {first} -i {second} -i {text} "
            + "-map 0 -map 1 -map 2 -map 3 -map 4 -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:a aac -b:a 64k -c:s copy "
            + "-metadata:s:s:0 language=eng -metadata:s:s:1 language=ger -metadata:s:s:2 language=fre", path);
        return path;
    }

    private static PgsBox Doubled(PgsBox box) => box with { X = 2 * box.X, Y = 2 * box.Y, Width = 2 * box.Width, Height = 2 * box.Height };

    private string In(string name) => System.IO.Path.Combine(_folder.FullName, name);
}
