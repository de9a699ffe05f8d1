using System.Globalization;
using Sluice.Server.Processes;

namespace Sluice.Server.Probe;

/// <summary>
/// Learns of a source through ffprobe: what its streams are, and where they really end.
/// <code>
/// 1 headers   ffprobe's JSON, bounded in time, memory and size
/// 2 tail      packets of the last seconds that the container promises: their end is the title's end
/// 3 pass      when that finds nothing for a stream, time after a jump is a guess, or somebody doubts: all packets, bounded in time
/// </code>
/// </summary>
internal sealed class SourceReader(FfmpegTools tools)
{
    private const int MostJsonBytes = 4 << 20;
    private const long MostMemory = 2L << 30;

    /// <summary>Enough to hold a packet of every stream of a film.</summary>
    private const double TailSeconds = 20;

    /// <summary>A container that promises more than this too much was cut off; less is rounding.</summary>
    private const double Slack = 1;

    /// <summary>Processor time that headers may take. What a clock on the wall may show is far more: a busy machine is no
    /// fault of the file.</summary>
    private const int HeaderCpuSeconds = 15;

    private const int PassCpuSeconds = 60;

    private static readonly TimeSpan TailTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PassTime = TimeSpan.FromSeconds(120);

    /// <summary>How long headers may take at most.</summary>
    internal TimeSpan HeaderTime { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The facts, or why ffprobe can make nothing of the file, in words for a person.</summary>
    /// <param name="path">Full path of the file.</param>
    /// <param name="ct">Ends ffprobe too.</param>
    public Task<SourceReading> ReadAsync(string path, CancellationToken ct) => ReadAsync(path, Measure.TailOrAll, ct);

    /// <summary>As <see cref="ReadAsync(string, CancellationToken)"/>, of a source of which as little as may be is to be read: what its tail does not tell is believed.</summary>
    /// <param name="url">Address of a relay.</param>
    /// <param name="ct">Ends ffprobe too.</param>
    public Task<SourceReading> ReadFarAsync(string url, CancellationToken ct) => ReadAsync(url, Measure.Tail, ct);

    /// <summary>As <see cref="ReadAsync(string, CancellationToken)"/>, measured by all packets: where clocks jump, the tail does not tell the length.</summary>
    public Task<SourceReading> ReadAllAsync(string path, CancellationToken ct) => ReadAsync(path, Measure.All, ct);

    /// <summary>How the end of a source is found.</summary>
    private enum Measure
    {
        /// <summary>By the tail, or where that does not tell, by all packets.</summary>
        TailOrAll,

        /// <summary>By all packets.</summary>
        All,

        /// <summary>By the tail alone.</summary>
        Tail,
    }

    private async Task<SourceReading> ReadAsync(string path, Measure measure, CancellationToken ct)
    {
        // :: Step 1: headers
        var guard = FfmpegGuard.InputOf(path);
        var (json, exit, words) = await HeadersAsync(path, guard, ct);
        if (json is null && words.Contains("not on whitelist", StringComparison.Ordinal))
        {
            guard = FfmpegGuard.HeadersOnlyOf(path);
            (json, exit, words) = await HeadersAsync(path, guard, ct);
        }

        if (json is null && FfmpegFailure.FromOutside(exit, words) is not null)
        {
            // That says nothing about the file. Once more; then whoever asked may ask again.
            (json, exit, words) = await HeadersAsync(path, guard, ct);
            if (json is null && FfmpegFailure.FromOutside(exit, words) is { } outside)
            {
                return new SourceReading(null, outside, IsTimedOut: true);
            }
        }

        if (exit.Reason == ExitReason.TimedOut)
        {
            return new SourceReading(null, "it took too long to find out what it is", IsTimedOut: true);
        }

        if (json is null || FfprobeAnswer.TryParse(json) is not { Format: { FormatName: { } format } header } answer)
        {
            return new SourceReading(null, "ffmpeg can make nothing of it");
        }

        var raw = HeaderFacts.StreamsOf(answer);
        var headers = HeaderFacts.Of(header, raw, format, format == "matroska,webm" && !FfmpegGuard.IsRelayed(path) && IsWebM(path));
        var facts = await MeasureAsync(path, guard, headers, raw, measure, ct);
        return new SourceReading(
            facts with { Chapters = ChapterReading.Read([.. (answer.Chapters ?? []).OfType<FfprobeChapter>()], facts.StartSeconds, facts.DurationSeconds) }, null);
    }

    private async Task<(byte[]? Json, ChildExit Exit, string Words)> HeadersAsync(
        string path, IReadOnlyList<string> guard, CancellationToken ct)
    {
        await using var child = await StartAsync(path, HeaderTime, guard, ["-show_format", "-show_streams", "-show_chapters", "-of", "json"], ct);
        var json = await child.ReadOutputAsync(MostJsonBytes, ct);
        var exit = await child.Completion;
        ct.ThrowIfCancellationRequested();
        return (exit.IsSuccess ? json : null, exit, child.ErrorTail);
    }

    private async Task<SourceFacts> MeasureAsync(
        string path, IReadOnlyList<string> guard, SourceFacts facts, List<FfprobeStream> raw, Measure measure, CancellationToken ct)
    {
        // :: Step 2: tail
        var measured = facts.Streams.Where(s => s.Kind is StreamKind.Video or StreamKind.Audio && !s.IsCover).ToList();
        if (measured.Count == 0)
        {
            return facts;
        }

        PacketEnds? ends = null;
        var tail = facts.StartSeconds + (facts.PromisedSeconds ?? 0) - TailSeconds;
        if (measure != Measure.All && facts.PromisedSeconds is not null && tail > 0 && !ContainerNames.IsTimeless(facts.Format))
        {
            ends = await PacketsAsync(path, guard, facts, tail, TailTime, ct);
            ends = ends is { HasJumped: false } && measured.TrueForAll(s => ends.CountOf(s.Index) > 0) ? ends : null;
        }

        // :: Step 3: pass
        if (measure != Measure.Tail)
        {
            ends ??= await PacketsAsync(path, guard, facts, null, PassTime, ct);
        }

        return Conclude(facts, raw, ends);
    }

    private static SourceFacts Conclude(SourceFacts facts, List<FfprobeStream> raw, PacketEnds? ends)
    {
        var besideSound = facts.Streams.Any(s => s.Kind == StreamKind.Audio);
        var streams = facts.Streams.Zip(raw, (s, r) => s with
        {
            EndSeconds = ends is null ? null : EndOf(s, r, ends),
            IsCover = StreamReading.IsCover(s, ends?.CountOf(s.Index) ?? 2, besideSound),
        }).ToList();
        var last = streams.Where(s => s.Kind is StreamKind.Video or StreamKind.Audio && !s.IsCover).Max(s => s.EndSeconds);
        var length = last - facts.StartSeconds;
        return facts with
        {
            Streams = streams,
            DurationSeconds = Math.Max(0, length ?? facts.PromisedSeconds ?? 0),
            IsMeasured = ends is not null,
            TruncatedNote = length is { } there && facts.PromisedSeconds is { } promised && promised - there > Slack
                && ContainerNames.Promises(facts.Format)
                    ? string.Create(CultureInfo.InvariantCulture, $"the file was cut off after {there:0.#} of {promised:0.#} seconds")
                    : null,
        };
    }

    private static double? EndOf(StreamFacts stream, FfprobeStream raw, PacketEnds ends)
    {
        if (FfprobeText.Fraction(raw.TimeBase) is not { } tick)
        {
            return null;
        }

        var frame = stream.FrameRate is { } rate ? (long)Math.Round(1 / (rate.Value * tick.Value)) : 0;
        return ends.EndOf(stream.Index, frame) * tick.Value;
    }

    /// <summary>The packets from a time on, or all; null when ffprobe could not go there, or not in time.</summary>
    private async Task<PacketEnds?> PacketsAsync(
        string path, IReadOnlyList<string> guard, SourceFacts facts, double? fromSeconds, TimeSpan time, CancellationToken ct)
    {
        List<string> options = ["-show_entries", "packet=stream_index,pts,dts,duration", "-of", "csv=p=0"];
        if (fromSeconds is { } from)
        {
            options.AddRange(["-read_intervals", string.Create(CultureInfo.InvariantCulture, $"{from:0.###}%")]);
        }

        var clock = ContainerNames.MayJump(facts.Format) ? new JumpingClock(facts.Copied.Select(s => s.Index).ToHashSet()) : null;
        var ends = new PacketEnds(clock);
        await using var child = await StartAsync(path, time, guard, options, ct);
        await ends.ReadAsync(child.Output, ct);
        var exit = await child.Completion;
        ct.ThrowIfCancellationRequested();

        // A file that breaks off ends with an error; what came before counts all the same. A jump that failed tells nothing.
        return exit.Reason == ExitReason.Exited && exit.Signal is null && (exit.Code == 0 || fromSeconds is null) ? ends : null;
    }

    private Task<ChildProcess> StartAsync(
        string path, TimeSpan time, IReadOnlyList<string> guard, IEnumerable<string> options, CancellationToken ct) =>
        ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = tools.ProbeProgram ?? "",
                Arguments = ["-v", "error", .. guard, .. options, FfmpegGuard.Source(path)],
                Proxy = FfmpegGuard.ProxyOf(path),
                WorkingFolder = (FfmpegGuard.IsRelayed(path) ? null : Path.GetDirectoryName(path)) ?? Path.GetTempPath(),
                Limits = new ChildLimits
                {
                    WallTime = time,
                    CpuSeconds = time == PassTime ? PassCpuSeconds : HeaderCpuSeconds,
                    MemoryBytes = MostMemory,
                    FileBytes = 0,
                },
                ReadsOutput = true,
            },
            ct);

    /// <summary>The DocType in the EBML header (RFC 8794 section 11.2.5), near the start of the file.</summary>
    private static bool IsWebM(string path)
    {
        using var file = File.OpenRead(path);
        var head = new byte[64];
        var count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return head.AsSpan(0, count).IndexOf("webm"u8) >= 0;
    }
}
