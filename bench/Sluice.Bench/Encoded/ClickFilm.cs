using System.Globalization;

namespace Sluice.Bench.Encoded;

/// <summary>
/// Two hours of black, 320x180, with a white frame and a click of 1 kHz every so many frames, both beginning at the same instant. A seed of
/// 32 of them is encoded once and repeated; it is a whole number of frames and of sound packets long, so that nothing shifts.
/// </summary>
/// <param name="Name">What it is called in results.</param>
/// <param name="Numerator">Frames in a second, above the line.</param>
/// <param name="Denominator">Frames in a second, below the line.</param>
/// <param name="Period">Frames from one flash to the next: about a second.</param>
internal sealed record ClickFilm(string Name, int Numerator, int Denominator, int Period)
{
    /// <summary>Samples in a second of its sound.</summary>
    public const int SampleRate = 48000;

    private const int Flashes = 32;
    private const int PacketSamples = 1536;
    private const int Seconds = 7200;

    /// <summary>A film as cinemas' are on television, and one as Europe's are.</summary>
    public static IReadOnlyList<ClickFilm> Both { get; } = [new("24000/1001", 24000, 1001, 24), new("25", 25, 1, 25)];

    /// <summary>Samples from one click to the next.</summary>
    public int PeriodSamples => SampleRate * Period * Denominator / Numerator;

    /// <summary>Makes it: MPEG-4 and FLAC in Matroska, whose times are rounded to milliseconds.</summary>
    public async Task<string> MakeAsync(Films films)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"clicks-{Numerator}-{Denominator}");
        var seed = await films.MakeAsync($"{name}-seed.mp4", path => Tool.RunAsync("ffmpeg", [
            "-nostdin", "-y", "-v", "error",
            "-f", "lavfi", "-i", Text($"color=black:s=320x180:r={Numerator}/{Denominator},drawbox=color=white:t=fill:enable='eq(mod(n,{Period}),0)',trim=end_frame={Flashes * Period}"),
            "-f", "lavfi", "-i", Text($"aevalsrc='if(lt(mod(n,{PeriodSamples}),960),0.8*sin(2*PI*1000*n/{SampleRate}),0)':s={SampleRate}"),
            "-af", Text($"atrim=end_sample={Flashes * PeriodSamples}"), "-pix_fmt", "yuv420p",
            "-c:v", "mpeg4", "-q:v", "4", "-g", "48", "-c:a", "flac", "-frame_size", Text($"{PacketSamples}"), "-strict", "-2", "-f", "mp4", path]));
        var times = (int)(Seconds / ((double)Flashes * PeriodSamples / SampleRate));
        return await films.MakeAsync($"{name}.mkv", path => Tool.RunAsync("ffmpeg", [
            "-nostdin", "-y", "-v", "error", "-stream_loop", Text($"{times}"), "-i", seed, "-map", "0", "-c", "copy", "-f", "matroska", path]));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
