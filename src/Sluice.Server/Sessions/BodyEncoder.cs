using System.Globalization;
using Sluice.Server.Hosting;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Transcode;

namespace Sluice.Server.Sessions;

/// <summary>Starts ffmpeg for a body that is shown while it comes, under guard: a pipe in, MPEG-TS out.</summary>
internal sealed class BodyEncoder(FfmpegTools tools, SluiceOptions options)
{
    /// <summary>A key frame begins a segment; several in a target duration, so that segments are near it.</summary>
    private const string KeySeconds = "2";

    private const int SoundKilobits = 128;

    /// <summary>Starts it.</summary>
    /// <param name="facts">What is known of the beginning.</param>
    /// <param name="streams">What is shown of it.</param>
    /// <param name="input">What ffmpeg reads, and what may be opened of it: what stands before <c>-i</c>, and what stands behind it.</param>
    /// <param name="proxy">What ffmpeg's requests go through; null when it reads from a pipe.</param>
    /// <param name="isFilm">It comes as fast as it is taken, and is shown at its own pace.</param>
    /// <param name="ct">Ends it.</param>
    public Task<ChildProcess> StartAsync(
        SourceFacts facts, BodyStreams streams, string[] input, string? proxy, bool isFilm, CancellationToken ct) => ChildProcess.StartAsync(
        new ChildCommand
        {
            Program = tools.Program ?? "ffmpeg",
            Arguments = Arguments(facts, streams, input, isFilm),
            WorkingFolder = Path.GetTempPath(),
            ReadsOutput = true,
            WritesInput = proxy is null,
            Proxy = proxy,
            Limits = new ChildLimits
            {
                MemoryBytes = options.Transcode.MemoryBytes,
                FileBytes = 0,
                Silence = TimeSpan.FromSeconds(options.Transcode.SilenceSeconds),
            },
        },
        ct);

    private List<string> Arguments(SourceFacts facts, BodyStreams streams, string[] input, bool isFilm)
    {
        List<string> arguments =
        [
            .. FfmpegGuard.Global, "-fflags", "+genpts", .. isFilm ? ["-re"] : (string[])[], .. input[..^1], "-i", input[^1],
        ];
        if (streams.Picture is { } picture)
        {
            arguments.AddRange(["-map", Text($"0:{picture.Index}"), .. streams.CopiesPicture ? ["-c:v", "copy"] : Encode(picture, facts)]);
        }

        if (streams.Sound is { } sound)
        {
            string[] encode = ["-c:a", "aac", "-b:a", Text($"{SoundKilobits}k"), "-ac", sound.Channels == 1 ? "1" : "2"];
            arguments.AddRange(["-map", Text($"0:{sound.Index}"), .. streams.CopiesSound ? ["-c:a", "copy"] : encode]);
        }

        arguments.AddRange(["-map_metadata", "-1", "-max_muxing_queue_size", "4096", "-f", "mpegts", "-flush_packets", "1", "pipe:1"]);
        return arguments;
    }

    private IEnumerable<string> Encode(StreamFacts stream, SourceFacts facts)
    {
        var picture = EncodeSources.Picture(stream, facts, facts.StartSeconds, isOffered: false);
        var (width, height) = Ladder.Sizes(picture.Width, picture.Height, options.Ladder, belowSource: false)[0];
        var kilobits = Ladder.MaxKilobits(width, height, "h264");
        var threads = options.Transcode.Threads;
        return
        [
            "-c:v", "libx264", "-preset", VideoEncoders.PresetOf("libx264", options.Transcode.Preset), "-crf", Text($"{Ladder.Quality("h264")}"),
            "-maxrate", Text($"{kilobits}k"), "-bufsize", Text($"{kilobits}k"), "-sc_threshold", "0", "-force_key_frames", $"expr:gte(t,n_forced*{KeySeconds})",
            "-vf", Text($"{(picture.IsInterlaced ? "bwdif," : "")}scale={width}:{height},setsar=1,format=yuv420p"),
            .. threads > 0 ? ["-threads", Text($"{threads}")] : (string[])[],
        ];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
