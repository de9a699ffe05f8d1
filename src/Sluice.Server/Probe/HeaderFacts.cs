namespace Sluice.Server.Probe;

/// <summary>What ffprobe's answer about headers tells of a source.</summary>
internal static class HeaderFacts
{
    private const int MostStreams = 64;

    /// <summary>The streams of an answer that are looked at.</summary>
    public static List<FfprobeStream> StreamsOf(FfprobeAnswer answer) => (answer.Streams ?? []).Where(s => s is { Index: >= 0 }).Take(MostStreams).ToList();

    /// <summary>The facts that headers tell; nothing is measured.</summary>
    public static SourceFacts Of(FfprobeFormat header, List<FfprobeStream> raw, string format, bool isWebM)
    {
        var streams = raw.ConvertAll(StreamReading.Read);
        return new SourceFacts
        {
            Format = format,
            Container = isWebM ? "WebM" : ContainerNames.NameOf(format),
            Score = header.ProbeScore,
            StartSeconds = FfprobeText.Seconds(header.StartTime) ?? 0,
            DurationSeconds = 0,
            PromisedSeconds = PromisedBy(header, raw, streams),
            Streams = streams,
        };
    }

    /// <summary>Of an AVI file that was cut off ffmpeg says what there is; what there was stands in the number of frames.</summary>
    private static double? PromisedBy(FfprobeFormat header, List<FfprobeStream> raw, List<StreamFacts> streams)
    {
        var said = FfprobeText.Seconds(header.Duration) is > 0 and { } seconds ? seconds : (double?)null;
        var frames = header.FormatName != "avi" ? null : raw.Zip(streams)
            .Where(s => s.Second.FrameRate is not null && FfprobeText.Whole(s.First.NbFrames) is > 0 and < 1 << 30)
            .Max(s => FfprobeText.Whole(s.First.NbFrames) / s.Second.FrameRate!.Value.Value);
        return said is null || frames > said ? frames ?? said : said;
    }
}
