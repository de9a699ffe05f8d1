using System.Globalization;

namespace Sluice.Bench.Encoded;

/// <summary>The peer: one ffmpeg process that encodes all rungs and the sound of a film from its first frame to its last, with the
/// options and the key frames that Sluice's chunks have, into one MP4.</summary>
internal static class OnePass
{
    /// <summary>In words, for results.</summary>
    public const string Description =
        "`-filter_complex fps,split,scale… -c:v libx264 -preset … -profile:v high -crf … -maxrate … -bufsize … "
        + "-x264-params keyint=infinite:min-keyint=1:scenecut=0:open-gop=0 -force_key_frames expr:eq(mod(n,N),0) -c:a aac`";

    /// <summary>Encodes; answers the processor seconds that it took.</summary>
    /// <param name="film">The film.</param>
    /// <param name="plan">What Sluice made of it.</param>
    /// <param name="path">The MP4; video tracks in the order of the rungs, then the sound.</param>
    /// <param name="processor">The one that it has to itself; null for all of them.</param>
    public static async Task<double> RunAsync(string film, EncodePlanFacts plan, string path, int? processor = null)
    {
        if (plan.Video.Encoder != "libx264")
        {
            throw new InvalidOperationException($"The peer is not made for {plan.Video.Encoder}.");
        }

        var before = ProcessFacts.CpuSecondsOfOwnEnded();
        var (program, first) = processor is { } one ? SideBySide.On(one, "ffmpeg") : ("ffmpeg", []);
        await Tool.RunAsync(program, [
            .. first, "-nostdin", "-y", "-v", "error", "-i", film, "-filter_complex", Graph(plan.Video), .. plan.Video.Rungs.SelectMany((_, i) => Video(plan, i)),
            .. plan.Audio.SelectMany((a, i) => Audio(a, i)), "-f", "mp4", path]);
        return ProcessFacts.CpuSecondsOfOwnEnded() - before;
    }

    private static string Graph(EncodePlanFacts.VideoFacts video) =>
        Text($"[0:v:0]fps={video.RateNumerator}/{video.RateDenominator},split={video.Rungs.Count}")
        + string.Concat(video.Rungs.Select((_, i) => Text($"[s{i}]"))) + ";"
        + string.Join(';', video.Rungs.Select((r, i) => Text($"[s{i}]scale={r.Width}:{r.Height}:flags=bicubic,setsar=1,format=yuv420p[v{i}]")));

    private static IEnumerable<string> Video(EncodePlanFacts plan, int i)
    {
        var rung = plan.Video.Rungs[i];
        var rate = Text($"{rung.MaxKilobits}k");
        return [
            "-map", Text($"[v{i}]"), Text($"-c:v:{i}"), "libx264", Text($"-preset:v:{i}"), plan.Video.Preset, Text($"-profile:v:{i}"), "high",
            Text($"-crf:v:{i}"), Text($"{rung.Quality}"), Text($"-maxrate:v:{i}"), rate, Text($"-bufsize:v:{i}"), rate,
            Text($"-x264-params:v:{i}"), "keyint=infinite:min-keyint=1:scenecut=0:open-gop=0",
            Text($"-force_key_frames:v:{i}"), Text($"expr:eq(mod(n,{plan.FramesPerChunk}),0)"),
            Text($"-fps_mode:v:{i}"), "passthrough", "-video_track_timescale", Text($"{plan.Video.Timescale}"),
        ];
    }

    private static string[] Audio(EncodePlanFacts.AudioFacts audio, int i) => [
        "-map", Text($"0:a:{i}"), Text($"-c:a:{i}"), "aac", Text($"-b:a:{i}"), Text($"{audio.Kilobits}k"),
        Text($"-ac:a:{i}"), Text($"{audio.Channels}"), Text($"-ar:a:{i}"), Text($"{audio.SampleRate}")];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
