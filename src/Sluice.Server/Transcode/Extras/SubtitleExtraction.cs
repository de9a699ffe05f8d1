using System.Globalization;
using Sluice.Media.Text;
using Sluice.Server.Probe;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode.Extras;

/// <summary>Reads the text subtitles out of a source: ffmpeg makes WebVTT of each, and our own reader and writer make that harmless.</summary>
internal sealed class SubtitleExtraction(ExtrasTool tool)
{
    private const int MostStreams = 32;

    /// <summary>The whole file has to be read, since subtitles lie between everything else.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly string[] TextCodecs = ["subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"];

    /// <summary>The subtitles, in the file's order, and what went wrong with others. Empty streams are passed over.</summary>
    public async Task<(IReadOnlyList<NewSubtitle> Found, PartResult Part)> ReadAsync(
        ExtrasSource source, IObjectStage stage, CancellationToken ct)
    {
        var streams = source.Facts.Streams.Where(s => s.Kind == StreamKind.Text && TextCodecs.Contains(s.Codec)).Take(MostStreams).ToList();
        if (streams.Count == 0)
        {
            return ([], PartResult.Nothing);
        }

        // All in one pass; only when that fails one by one, so that a broken stream costs no other.
        var all = await ExtractAsync(source, streams, stage, ct);
        var found = new List<NewSubtitle>();
        var problems = new List<string>();
        foreach (var stream in streams)
        {
            var result = all.Problem is null ? all : await ExtractAsync(source, [stream], stage, ct);
            var (subtitle, problem) = result.Problem is null ? Read(stream, stage) : (null, result.Problem);
            if (subtitle is not null)
            {
                found.Add(subtitle);
            }
            else if (problem is not null)
            {
                problems.Add($"no subtitles from stream {stream.Index}: {problem}");
            }
        }

        return (found, new PartResult([], problems.Count == 0 ? null : string.Join("; ", problems), all.Log));
    }

    private Task<ToolResult> ExtractAsync(ExtrasSource source, List<StreamFacts> streams, IObjectStage stage, CancellationToken ct)
    {
        List<string> output = [];
        foreach (var stream in streams)
        {
            File.Delete(stage.PathOf(NameOf(stream)));
            output.AddRange(["-map", $"0:{stream.Index}", "-c:s", "webvtt", "-f", "webvtt", NameOf(stream)]);
        }

        return tool.RunAsync(source.Path, Path.GetDirectoryName(stage.PathOf(NameOf(streams[0])))!, [], output, Longest, ct);
    }

    private static (NewSubtitle? Subtitle, string? Problem) Read(StreamFacts stream, IObjectStage stage)
    {
        var file = new FileInfo(stage.PathOf(NameOf(stream)));
        if (!file.Exists || file.Length > ExtrasTool.MostFileBytes)
        {
            return (null, "ffmpeg wrote nothing");
        }

        var text = SubtitleText.Read(File.ReadAllBytes(file.FullName));
        return text switch
        {
            { Cues.Count: > 0 } => (new NewSubtitle(WebVttWriter.Write(text.Cues), stream.Language, stream.Title, stream.IsDefault, stream.IsForced), null),
            { Line: 0 } => (null, null), // Some files have a stream for signs, and no signs.
            _ => (null, string.Create(CultureInfo.InvariantCulture, $"line {text.Line}: {text.Problem}")),
        };
    }

    private static string NameOf(StreamFacts stream) => string.Create(CultureInfo.InvariantCulture, $"stream-{stream.Index}.vtt");
}
