using System.Globalization;

namespace Sluice.Server.Tests.AnyFiles;

/// <summary>What a viewer of a file sees and hears, and when, as ffmpeg decodes it. Times are seconds.</summary>
/// <param name="FrameTimes">When each frame is shown.</param>
/// <param name="Repeats">Frames that show nothing new.</param>
/// <param name="Flashes">When the picture turns white.</param>
/// <param name="Beeps">When the beep sets in.</param>
/// <param name="SoundStart">When the sound begins.</param>
/// <param name="SoundEnd">When it ends; 0 without sound.</param>
internal sealed record Marks(double[] FrameTimes, int Repeats, double[] Flashes, double[] Beeps, double SoundStart, double SoundEnd)
{
    private const double BeepDecibels = -22;
    private const double ApartSeconds = 0.5;
    private const double StillDifference = 0.05;
    private const string Picture = "-vf scale=64:36,signalstats,metadata=print:key=lavfi.signalstats.YDIF:file={0}.d,"
        + "metadata=print:key=lavfi.signalstats.YAVG:file={0}.v";

    private const string Sound = "-af asetnsamples=240:p=0,astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level,"
        + "ametadata=print:key=lavfi.astats.Overall.RMS_level:file=";

    /// <summary>When the last frame's time is over; 0 without a picture.</summary>
    public double PictureEnd => FrameTimes.Length < 2 ? 0 : FrameTimes[^1] + FrameTimes[^1] - FrameTimes[^2];

    /// <summary>When all is over.</summary>
    public double End => Math.Max(PictureEnd, SoundEnd);

    /// <summary>The same, counted from another zero.</summary>
    public Marks From(double zero) => new(
        [.. FrameTimes.Select(t => t - zero)], Repeats, [.. Flashes.Select(t => t - zero)], [.. Beeps.Select(t => t - zero)],
        SoundEnd > 0 ? SoundStart - zero : 0, SoundEnd > 0 ? SoundEnd - zero : 0);

    /// <summary>Decodes a source, of which ffmpeg may complain.</summary>
    public static Marks OfSource(string file, bool hasPicture, bool hasSound) =>
        Read(log => Ffmpeg.Make($"-copyts -i {file} {Outputs(log, hasPicture ? "0:V:0" : null, hasSound ? "0:a:0" : null)}"));

    /// <summary>Decodes what the server sent; a complaint fails the test.</summary>
    public static Marks OfTracks(string? picture, string? sound)
    {
        var inputs = (picture is null ? "" : $"-i {picture} ") + (sound is null ? "" : $"-i {sound} ");
        return Read(log => Ffmpeg.Run(
            $"-copyts {inputs}{Outputs(log, picture is null ? null : "0:v", sound is null ? null : picture is null ? "0:a" : "1:a")}"));
    }

    private static string Outputs(string log, string? picture, string? sound) =>
        (picture is null ? "" : $"-map {picture} {Picture.Replace("{0}", log, StringComparison.Ordinal)} ") + (sound is null ? "" : $"-map {sound} {Sound}{log}.a ")
        + "-fps_mode passthrough -f null -";

    private static Marks Read(Action<string> decode)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-marks-");
        try
        {
            var log = Path.Combine(folder.FullName, "log");
            decode(log);
            var (picture, sound) = (Values(log + ".v"), Values(log + ".a"));
            var brightness = picture.Select(p => p.Value).Order().ToArray();
            var white = brightness.Length == 0 ? 0 : (brightness[brightness.Length / 2] + brightness[^1]) / 2;
            return new Marks(
                [.. picture.Select(p => p.Time)], Values(log + ".d").Skip(1).Count(d => d.Value < StillDifference), Onsets(picture, white), Onsets(sound, BeepDecibels),
                sound.Count == 0 ? 0 : sound[0].Time, sound.Count == 0 ? 0 : sound[^1].Time);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double[] Onsets(List<(double Time, double Value)> values, double threshold)
    {
        var onsets = new List<double>();
        var last = double.NegativeInfinity;
        foreach (var (time, _) in values.Where(v => v.Value > threshold))
        {
            if (time - last > ApartSeconds)
            {
                onsets.Add(time);
            }

            last = time;
        }

        return [.. onsets];
    }

    /// <summary>Pairs of lines: <c>frame:0 pts:0 pts_time:0.5</c> and <c>key=value</c>.</summary>
    private static List<(double Time, double Value)> Values(string path)
    {
        var values = new List<(double, double)>();
        var time = 0.0;
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            if (line.Split("pts_time:") is [_, var stamp])
            {
                time = double.Parse(stamp, CultureInfo.InvariantCulture);
            }
            else if (line.Split('=') is [_, var number])
            {
                values.Add((time, double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : -200));
            }
        }

        return values;
    }
}
