using System.Globalization;
using Sluice.Media.Tests.MpegTs;

namespace Sluice.Media.Tests.Oracle;

/// <summary>One packet as ffprobe reads it from a file.</summary>
internal sealed record ProbedPacket(long Pts, long Dts, int Size, bool IsKey, string Hash)
{
    /// <summary>The packets of one stream, in file order.</summary>
    public static List<ProbedPacket> Read(string path, int stream) =>
        [.. string.Join('\n', Ffmpeg.Probe($"-select_streams {stream} -show_packets -show_data_hash sha256 -of compact", path))
            .Replace("\n|", "|", StringComparison.Ordinal) // Behind side data ffprobe breaks the line.
            .Split('\n').Where(l => l.StartsWith("packet|", StringComparison.Ordinal)).Select(Parse)];

    private static ProbedPacket Parse(string line)
    {
        var fields = line.Split('|').Select(f => f.Split('=', 2)).Where(f => f.Length == 2)
            .GroupBy(f => f[0]).ToDictionary(f => f.Key, f => f.First()[1]);
        return new ProbedPacket(
            Number("pts"), Number("dts"), (int)Number("size"),
            fields["flags"].Contains('K', StringComparison.Ordinal), fields["data_hash"]);

        long Number(string key) => long.Parse(fields[key], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }
}
