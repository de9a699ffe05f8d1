using System.Globalization;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>ffmpeg's arguments for one run: what comes after the guard's own. Output is one fragmented MP4 on standard
/// output, a track for each rung and then for each sound, in that order.</summary>
internal static class RunArguments
{
    /// <summary>A fragment is passed on when it holds so much: a chunk is complete soon after its last frame.</summary>
    private const string FragmentMicroseconds = "500000";

    private const double OneMicrosecond = 0.000001;

    /// <summary>The arguments.</summary>
    /// <param name="inputPath">The file that is read.</param>
    /// <param name="plan">How.</param>
    /// <param name="run">What.</param>
    /// <param name="threads">Threads of each encoder; 0 leaves it to the encoder.</param>
    /// <param name="preRollSeconds">How long before the run's start reading begins: a container that finds its place badly
    /// needs more.</param>
    public static List<string> Of(string inputPath, EncodePlan plan, RunSpan run, int threads, double preRollSeconds)
    {
        List<string> arguments = [.. VideoEncoders.Device(run.Video is null ? null : plan.Video), "-copyts"];
        if (plan.StartsAtZero)
        {
            // What comes before the place that is sought the graph cuts off, in the title's own times.
            arguments.AddRange(["-noaccurate_seek", .. FromZero(plan.StartSeconds)]);
        }

        // Seeking counts from the file's start, whatever its timestamps are.
        var seek = run.FirstSecond - preRollSeconds - (plan.StartsAtZero ? 0 : plan.StartSeconds);
        if (seek > 0)
        {
            arguments.AddRange(["-ss", seek.ToString("F6", CultureInfo.InvariantCulture)]);
        }

        arguments.AddRange(["-i", FfmpegGuard.Source(inputPath), "-filter_complex", FilterGraph.Write(plan.Video, run)]);
        return AddOutputs(arguments, plan, run, threads);
    }

    /// <summary>Moves all times of the input, beside <c>-copyts</c>, so that its start is at zero. <c>-start_at_zero</c> will not do: of MPEG it takes the
    /// start of the streams that happen to be read, and sound alone would be off. An offset that is the start to the microsecond is "corrected"
    /// in the same way by ffmpeg 5; one more is lost in any time base.</summary>
    public static IReadOnlyList<string> FromZero(double startSeconds) =>
        ["-itsoffset", (OneMicrosecond - startSeconds).ToString("F6", CultureInfo.InvariantCulture)];

    /// <summary>The arguments of a run without a source: black and silence.</summary>
    public static List<string> OfPlaceholder(EncodePlan plan, RunSpan run, int frameCount, int threads) => AddOutputs(
        [.. VideoEncoders.Device(run.Video is null ? null : plan.Video), "-filter_complex", FilterGraph.WritePlaceholder(plan.Video, run, frameCount)], plan, run, threads);

    private static List<string> AddOutputs(List<string> arguments, EncodePlan plan, RunSpan run, int threads)
    {
        for (var i = 0; i < (run.Video?.Rungs.Count ?? 0); i++)
        {
            AddVideo(arguments, plan.Video!, run.Video!, i, threads);
        }

        for (var i = 0; i < run.Audio.Count; i++)
        {
            arguments.AddRange(["-map", Text($"[a{i}]"), Text($"-c:a:{i}"), "aac", Text($"-b:a:{i}"), Text($"{run.Audio[i].Plan.Kilobits}k")]);
        }

        arguments.AddRange([
            "-map_metadata", "-1", "-map_chapters", "-1", "-max_muxing_queue_size", "4096", "-f", "mp4",
            "-movflags", "+empty_moov+default_base_moof+frag_keyframe", "-frag_duration", FragmentMicroseconds, "pipe:1",
        ]);
        return arguments;
    }

    private static void AddVideo(List<string> arguments, VideoPlan plan, VideoSpan video, int output, int threads)
    {
        var rung = video.Rungs[output];
        arguments.AddRange(["-map", Text($"[v{output}]"), Text($"-c:v:{output}"), plan.Encoder]);
        foreach (var (name, value) in VideoEncoders.Options(plan, rung, threads))
        {
            arguments.AddRange([Text($"{name}:v:{output}"), value]);
        }

        // A key frame where each chunk begins and nowhere else. On the grid the encoder's time is counted in frames.
        var keys = plan.Follows is null
            ? string.Join('+', video.Cuts.Take(video.Cuts.Count - 1).Select(c => Text($"eq(n,{c - video.Cuts[0]})")))
            : null;
        arguments.AddRange([Text($"-force_key_frames:v:{output}"), keys is null ? TimesOf(plan, video) : "expr:" + keys]);
        arguments.AddRange([Text($"-fps_mode:v:{output}"), "passthrough", Text($"-enc_time_base:v:{output}"),
            plan.Follows is null ? Text($"{plan.RateDenominator}/{plan.RateNumerator}") : Text($"1/{plan.Timescale}")]);
        arguments.AddRange(["-video_track_timescale", Text($"{plan.Timescale}")]);
    }

    /// <summary>Half a tick early, for these are floating-point numbers: the first frame at or after each becomes a key frame.</summary>
    private static string TimesOf(VideoPlan plan, VideoSpan video) => string.Join(',', video.Cuts.Take(video.Cuts.Count - 1)
        .Select(c => ((c - 0.5) / plan.Timescale).ToString("F9", CultureInfo.InvariantCulture)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
