using System.Globalization;
using Sluice.Server.Processes;

namespace Sluice.Server.Package.Arriving;

/// <summary>A stream by ffmpeg's index of it and ffmpeg's name of its codec.</summary>
internal readonly record struct RemuxedStream(int Index, string Codec);

/// <summary>
/// How a file that is no MP4 is repackaged as it comes: ffmpeg reads it from a pipe, front to back, and writes an MP4 in fragments to another. What it
/// writes depends on nothing but the bytes that it has read, so it is the same however the file came, and however often it is begun anew.
/// </summary>
/// <param name="Streams">The streams, in the order of the tracks, picture first. All are copied.</param>
/// <param name="ProbeBytes">Bytes of the beginning from which ffmpeg learns of the streams, and waits for.</param>
/// <param name="Program">Which ffmpeg: another one may write other bytes.</param>
internal sealed record RemuxPlan(IReadOnlyList<RemuxedStream> Streams, long ProbeBytes, string Program)
{
    /// <summary>
    /// Fragments of a second bound what ffmpeg holds back, and what a viewer waits for, whatever the distance of key frames.
    /// <c>delay_moov</c>: the header is written behind the first packets, so that it says how the tracks begin (edit lists), and knows the codecs that
    /// only packets tell of (AAC in MPEG-TS).
    /// </summary>
    private static readonly string[] Fragments =
        ["-movflags", "+empty_moov+delay_moov+default_base_moof", "-frag_duration", "1000000", "-flush_packets", "1", "-f", "mp4"];

    /// <summary>ffmpeg's arguments.</summary>
    public IReadOnlyList<string> Arguments =>
    [
        .. FfmpegGuard.Global, "-fflags", "+genpts", "-probesize", Text($"{ProbeBytes}"), .. FfmpegGuard.Input, "-i", "pipe:0", "-map_chapters", "-1",
        .. Streams.SelectMany(s => new[] { "-map", Text($"0:{s.Index}") }), "-c", "copy", .. Streams.SelectMany(BareSound), "-strict", "-2",
        .. Fragments, "pipe:1",
    ];

    /// <summary>What segments depend on besides the file.</summary>
    /// <param name="segmentSeconds">Target duration of a segment.</param>
    public string Manner(double segmentSeconds) => Text($"{segmentSeconds:R} ffmpeg {Program} {string.Join(' ', Arguments)}");

    /// <summary>MPEG-TS wraps AAC into ADTS. Into fragments ffmpeg does not unwrap it by itself; what is not wrapped stays as it is.</summary>
    private static string[] BareSound(RemuxedStream stream, int output) => stream.Codec == "aac" ? [Text($"-bsf:{output}"), "aac_adtstoasc"] : [];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
